package dev.dualwrite.relay.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.jdbc.RetentionStore;
import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.internal.LoggedEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** The chore that purges: how much in one look, what it leaves alone, and what it tells. */
class RetentionChoreIT {

    private final DataSource primary = TestDatabases.create().dataSource();
    private final JdbcClient sql = JdbcClient.create(primary);
    private final LoggedEvents logged = new LoggedEvents();

    @BeforeEach
    void install() {
        sql.sql("CREATE SCHEMA dualwrite").update();
        sql.sql(Schema.script("dualwrite", 1)).update();
        sql.sql("UPDATE dualwrite.control SET audit_kept_at_least = interval '1 day'")
                .update();
        sql.sql("""
                INSERT INTO dualwrite.audit_entry (at, actor, action, subject, reason, detail)
                SELECT now() - interval '2 days', 'alice', 'discard', 'entry ' || n, 'x', '{}'
                FROM generate_series(1, 10500) AS n;
                INSERT INTO dualwrite.discarded_entry
                       (version, appended_at, discarded_at, attempts, sink_id, shard, schema_version, operation,
                        aggregate_type, aggregate_id, discarded_by, reason)
                SELECT n, now(), now() - interval '2 days', 1, 1, 0, 1, 'D', 'order', n, 'alice', 'x'
                FROM generate_series(1, 5) AS n;
                """).update();
    }

    @AfterEach
    void stopLogging() {
        logged.close();
    }

    @Test
    void lookPurgesABoundedNumberAndTheNextOneTheRest() {
        RetentionChore chore = chore(Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1));

        chore.look();
        assertThat(rows("audit_entry WHERE action = 'discard'")).isEqualTo(500);
        assertThat(rows("discarded_entry")).isZero();
        chore.look();
        chore.look();

        assertThat(rows("audit_entry WHERE action = 'discard'")).isZero();
        assertThat(logged.of("purged"))
                .containsExactly(
                        "purged audit=10000 discarded=5; they were older than dualwrite.retention says",
                        "purged audit=500 discarded=0; they were older than dualwrite.retention says");
    }

    @Test
    void zeroKeepsForEver() {
        chore(Duration.ZERO, Duration.ofDays(1), Duration.ofDays(1)).look();

        assertThat(rows("audit_entry WHERE action = 'discard'")).isEqualTo(10_500);
        assertThat(rows("discarded_entry")).isZero();
    }

    @Test
    void failureIsToldOnceADayAndTheOtherKindGoesAllTheSame() {
        RetentionChore chore = chore(Duration.ofDays(1), Duration.ofDays(1), Duration.ofHours(12));
        rename("purge_audit", "away");

        chore.look();
        assertThat(rows("discarded_entry")).isZero();
        chore.look();
        assertThat(logged.of("purge_failed")).hasSize(1);
        chore.look();
        assertThat(logged.of("purge_failed")).hasSize(2);
        chore.look();
        assertThat(logged.of("purge_failed")).hasSize(2);
    }

    @Test
    void failureOfAnyClassIsToldAndDoesNotEndTheChore() {
        AtomicBoolean closed = new AtomicBoolean(true);
        DataSource pool = new DelegatingDataSource(primary) {
            @Override
            public Connection getConnection() throws SQLException {
                if (closed.get()) {
                    throw new IllegalStateException("the pool has been closed");
                }
                return super.getConnection();
            }
        };
        var chore = new RetentionChore(
                new RetentionStore(pool, "dualwrite"),
                new Retention(Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1)));

        chore.look();
        assertThat(logged.of("purge_failed"))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("the pool has been closed"));
        closed.set(false);
        chore.look();

        assertThat(rows("discarded_entry")).isZero();
    }

    @Test
    void failureIsFollowedByHalfAsManyRowsUntilThatManyGo() {
        RetentionChore chore = chore(Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1));
        rename("purge_audit", "away");
        chore.look();
        rename("away", "purge_audit");

        chore.look();
        assertThat(rows("audit_entry WHERE action = 'discard'")).isEqualTo(5500);
        chore.look();

        assertThat(rows("audit_entry WHERE action = 'discard'")).isZero();
    }

    @Test
    void itLooksEverySoOftenUntilItIsStopped() throws InterruptedException {
        RetentionChore chore = chore(Duration.ofDays(1), Duration.ofDays(1), Duration.ofMillis(10));
        var thread = new Thread(chore, "retention-test");
        thread.start();
        try {
            await().until(() -> rows("audit_entry WHERE action = 'discard'") == 0);
        } finally {
            chore.stop();
            thread.join(10_000);
        }

        assertThat(thread.isAlive()).isFalse();
    }

    private RetentionChore chore(Duration audit, Duration discarded, Duration interval) {
        return new RetentionChore(new RetentionStore(primary, "dualwrite"), new Retention(audit, discarded, interval));
    }

    private void rename(String function, String other) {
        sql.sql("ALTER FUNCTION dualwrite." + function + "(interval, integer) RENAME TO " + other)
                .update();
    }

    private long rows(String from) {
        return sql.sql("SELECT count(*) FROM dualwrite." + from)
                .query(Long.class)
                .single();
    }
}
