package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.jdbc.RetentionStore;
import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.internal.LoggedEvents;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A relay whose user is a member of dualwrite_relay and of nothing else does all of a relay's work. */
class LeastRightsIT {

    @Test
    void memberOfTheRoleRelaysHoldsRetriesPurgesAndLeaves() throws IOException {
        var sink = new RecordingSink();
        sink.behaviour = entry -> switch (RecordingSink.payload(entry)) {
            case "never" -> ApplyResult.rejected("seen");
            case "later" -> throw new IllegalStateException("seen");
            default -> ApplyResult.applied();
        };
        try (var database = new OutboxDatabase("copy");
                var logged = new LoggedEvents()) {
            createRolesAndAMember(database.sql);
            try (HikariDataSource own = login(database);
                    var relays = new Relays(database, own)) {
                assertThat(new ControlStore(own, "dualwrite").registerSinks(List.of("copy")))
                        .containsKey("copy");
                new ControlStore(own, "dualwrite").storeStuckAfter(Duration.ofSeconds(30));
                Relay relay = relays.start("copy", sink);
                database.append(order(1, "a"), order(2, "never"), order(2, "behind"), order(3, "later"));
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> database.hotEntries() == 0
                                && database.count("SELECT dead FROM dualwrite.backlog") == 2);

                sink.behaviour = entry -> ApplyResult.applied();
                database.sql
                        .sql("SELECT dualwrite.requeue_all('copy', 'seen')")
                        .query()
                        .singleRow();
                await().atMost(Duration.ofSeconds(20)).until(() -> database.heldEntries() == 0);
                assertThat(new RetentionStore(own, "dualwrite").purgeAudit(Duration.ofDays(400), 10))
                        .isZero();
                relays.stop(relay);
            }

            assertThat(sink.appliedCount()).isEqualTo(4);
            assertThat(database.count("SELECT count(*) FROM dualwrite.relay")).isZero();
            assertThat(logged.of("partitions_not_looked_at")).isEmpty();
            assertThat(logged.of("lease_round_failed")).isEmpty();
            assertThat(logged.of("claim_failed")).isEmpty();
        }
    }

    private static void createRolesAndAMember(JdbcClient sql) throws IOException {
        try (var in = Schema.class.getResourceAsStream("/dev/dualwrite/schema/roles.sql")) {
            sql.sql(new String(Objects.requireNonNull(in).readAllBytes(), UTF_8))
                    .update();
        }
        sql.sql("SELECT dualwrite.grant_roles()").query().singleRow();
        sql.sql("CREATE ROLE least_relay LOGIN IN ROLE dualwrite_relay").update();
    }

    private static HikariDataSource login(OutboxDatabase database) {
        var config = new HikariConfig();
        config.setJdbcUrl(database.database().url());
        config.setUsername("least_relay");
        config.setPassword("any");
        config.setMaximumPoolSize(12);
        return new HikariDataSource(config);
    }
}
