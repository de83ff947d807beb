package dev.dualwrite.relay.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.jdbc.CaptureStore;
import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.RelayConfig;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.internal.LoggedEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A relay follows partitions that come and go, and no failure of that stops it. */
class PartitionChoreIT {

    private final DataSource primary = TestDatabases.create().dataSource();
    private final JdbcTemplate jdbc = new JdbcTemplate(primary);
    private final PartitionChore chore =
            new PartitionChore(new CaptureStore(primary, "dualwrite"), Duration.ofMinutes(1));
    private final LoggedEvents logged = new LoggedEvents();

    @BeforeEach
    void captureWithANewPartition() {
        run("CREATE SCHEMA dualwrite", Schema.script("dualwrite", 1), """
                CREATE TABLE sale (region integer, id integer, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
                SELECT dualwrite.register_sink('copy');
                SELECT dualwrite.capture_table('sale', 'copy', 'sale', '{region,id}');
                CREATE TABLE sale_1 PARTITION OF sale FOR VALUES IN (1);
                INSERT INTO sale_1 VALUES (1, 7);
                """);
    }

    @AfterEach
    void stopLogging() {
        logged.close();
    }

    @Test
    void relayFollowsANewPartitionFromItsStartOn() throws InterruptedException {
        var config = new RelayConfig(
                new ClaimConfig(10, 1000, Duration.ofSeconds(1), 1), Duration.ofSeconds(10), Duration.ofSeconds(5));
        var relay = new Relay(primary, "dualwrite", config, List.of(), CrashProbe.NONE);
        relay.start();
        try {
            await().until(() -> entries() == 1);
        } finally {
            relay.stop();
        }
        run("INSERT INTO sale_1 VALUES (1, 8)");

        assertThat(entries()).isEqualTo(2);
        assertThat(logged.of("partition_followed"))
                .containsExactly(
                        "partition_followed table=public.sale sink=copy partition=public.sale_1 happened=attached"
                                + " entries=1");
    }

    @Test
    void whatCannotBeFollowedIsToldOnceAndAgainAfterItWasCured() {
        obstruct();
        chore.look();
        chore.look();
        assertThat(logged.of("partition_not_followed"))
                .singleElement()
                .asString()
                .contains("partition=public.sale_1");

        run("DROP TRIGGER dualwrite_capture_1_update ON sale_1");
        chore.look();
        assertThat(entries()).isEqualTo(1);

        run("CREATE TABLE sale_2 PARTITION OF sale FOR VALUES IN (2)");
        run("CREATE TRIGGER dualwrite_capture_1_update AFTER UPDATE ON sale_2 EXECUTE FUNCTION nothing()");
        chore.look();
        assertThat(logged.of("partition_not_followed")).hasSize(2);
    }

    @Test
    void lookThatFailsAsAWholeIsToldOnceAndIsTriedAgain() {
        run("ALTER FUNCTION dualwrite.stray_partitions() RENAME TO away");

        assertThatCode(() -> {
                    chore.look();
                    chore.look();
                })
                .doesNotThrowAnyException();

        assertThat(logged.of("partitions_not_looked_at")).hasSize(1);
        run("ALTER FUNCTION dualwrite.away() RENAME TO stray_partitions");
        chore.look();
        assertThat(entries()).isEqualTo(1);
    }

    @Test
    void triggersThatAreDisabledAreToldOnceAndSoIsTheEnd() {
        run("CREATE TABLE item (id integer PRIMARY KEY)");
        run("SELECT dualwrite.capture_table('item', 'copy', 'item', '{id}')", "ALTER TABLE item DISABLE TRIGGER ALL");
        chore.look();
        chore.look();
        assertThat(logged.of("table_not_captured"))
                .singleElement()
                .asString()
                .contains("table=public.item sink=copy partition=public.item", "ENABLE TRIGGER");

        run("ALTER TABLE item ENABLE TRIGGER ALL");
        chore.look();
        chore.look();

        assertThat(logged.of("table_captured_again")).hasSize(1);
    }

    @Test
    void partitionThatOthersKeepLockedIsTriedAfterMoreAndMoreLooks() throws SQLException {
        try (Connection writer = primary.getConnection()) {
            writer.setAutoCommit(false);
            writer.createStatement().execute("LOCK TABLE sale_1 IN ROW EXCLUSIVE MODE");
            // Tried at the first, second and fourth look.
            for (int look = 0; look < 5; look++) {
                chore.look();
            }
            writer.rollback();
        }
        for (int look = 0; look < 2; look++) {
            chore.look();
            assertThat(entries()).isZero();
        }

        chore.look();
        assertThat(entries()).isEqualTo(1);
        assertThat(logged.of("partition_not_followed")).hasSize(1);
    }

    private void obstruct() {
        run(
                "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
                "CREATE TRIGGER dualwrite_capture_1_update AFTER UPDATE ON sale_1 EXECUTE FUNCTION nothing()");
    }

    private long entries() {
        return JdbcClient.create(jdbc)
                .sql("SELECT count(*) FROM dualwrite.outbox_entry")
                .query(Long.class)
                .single();
    }

    private void run(String... statements) {
        for (String statement : statements) {
            jdbc.execute(statement);
        }
    }
}
