package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.retention.Retention;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Days of work, compressed: appends, failures, dead and discarded entries, acts, relays that come, go and die, captured tables.
 * Each day the record of the day before has become old enough to go. Nothing is larger on the last day than on the third: by
 * then every table and every index has the pages that it uses over and over.
 */
class GrowthIT {

    private static final int DAYS = 5;
    private static final int SETTLED = 3;
    private static final int AGGREGATES = 300;

    /** Of a page: freed ones are used again a day later, and which are free is not the same each day. */
    private static final long PLAY = 6 * 8192;

    private static final Retention A_DAY =
            new Retention(Duration.ofDays(1), Duration.ofDays(1), Duration.ofMillis(100));

    private final RecordingSink sink = new RecordingSink();
    private volatile boolean refuses;

    @Test
    void everyTableAndIndexStaysLevel() {
        sink.behaviour = entry -> refuses && RecordingSink.payload(entry).startsWith("bad")
                ? ApplyResult.rejected("seen")
                : ApplyResult.applied();
        var days = new ArrayList<Map<String, Long>>();
        try (var database = new OutboxDatabase("copy");
                var relays = new Relays(database, A_DAY)) {
            database.sql
                    .sql("UPDATE dualwrite.control SET audit_kept_at_least = interval '1 day'")
                    .update();
            for (int day = 0; day < DAYS; day++) {
                work(database, relays, day);
                days.add(sizes(database));
            }

            Map<String, Long> settled = days.get(SETTLED - 1);
            assertThat(days.get(DAYS - 1)).allSatisfy((what, size) -> {
                long before = settled.getOrDefault(what, 0L);
                // So many days later something that grows by the same each day would be twice as large.
                long most = what.startsWith("rows") ? before : before + before / 2 + PLAY;
                assertThat(size).as("%s, day by day %s", what, of(days, what)).isLessThanOrEqualTo(most);
            });
            assertThat(database.count("SELECT ceil(pg_notification_queue_usage() * 1000)"))
                    .isLessThan(10);
        }
    }

    private void work(OutboxDatabase database, Relays relays, int day) {
        refuses = true;
        sink.keepsEveryEntry = day % 2 == 0;
        Relay first = relays.start("copy", sink);
        captureATable(database, day);
        for (int change = 0; change < 3; change++) {
            append(database, change);
        }
        Relay second = relays.start("copy", sink);
        database.sql
                .sql("SELECT dualwrite.pause_sink('copy', 'growth')")
                .query()
                .singleRow();
        append(database, 3);
        database.sql
                .sql("SELECT dualwrite.resume_sink('copy', 'growth')")
                .query()
                .singleRow();
        awaitNone(database, "outbox_entry");
        awaitNone(database, "held_entry WHERE state = 'backing_off'");
        relays.stop(first);

        act(database, "discard_some");
        awaitNone(database, "held_entry WHERE state = 'backing_off'");
        refuses = false;
        act(database, "requeue_some");
        database.sql
                .sql("SELECT dualwrite.requeue_all('copy', 'growth')")
                .query()
                .singleRow();
        awaitNone(database, "held_entry");
        nightFalls(database);
        relays.stop(second);
        vacuum(database);
    }

    private static void captureATable(OutboxDatabase database, int day) {
        database.sql.sql("""
                DO $$
                BEGIN
                    CREATE TABLE stock_%1$d (id integer PRIMARY KEY);
                    PERFORM dualwrite.capture_table('stock_%1$d', 'copy', 'stock_%1$d', '{id}');
                    INSERT INTO dualwrite.captured_entity VALUES ('stock_%1$d', 'Stock');
                    DELETE FROM dualwrite.captured_entity;
                    PERFORM dualwrite.release_table('stock_%1$d', 'copy');
                    DROP TABLE stock_%1$d;
                END
                $$
                """.formatted(day)).update();
    }

    private static void append(OutboxDatabase database, int change) {
        var entries = new ArrayList<OutboxEntry>();
        for (int id = 0; id < AGGREGATES; id++) {
            entries.add(order(id, (id % 3 == 0 ? "bad " : "good ") + change + "x".repeat(200)));
        }
        database.append(entries.toArray(OutboxEntry[]::new));
    }

    /** On half of the dead ones that are the first of their aggregates. */
    private static void act(OutboxDatabase database, String act) {
        database.sql.sql("""
                SELECT dualwrite.%s(ARRAY(
                           SELECT s.entry_id
                           FROM dualwrite.stuck_entries s
                           WHERE s.state = 'dead' AND s.next_step LIKE 'once%%'
                           ORDER BY s.entry_id
                           LIMIT 50), 'growth')
                """.formatted(act)).query().singleRow();
    }

    /** What was done becomes two days old, relays that were killed fall silent, and the living relay purges. */
    private static void nightFalls(OutboxDatabase database) {
        database.sql
                .sql("UPDATE dualwrite.audit_entry SET at = at - interval '2 days'")
                .update();
        database.sql
                .sql("UPDATE dualwrite.discarded_entry SET discarded_at = discarded_at - interval '2 days'")
                .update();
        database.sql.sql("""
                INSERT INTO dualwrite.relay (relay_id, host, alive_for, heartbeat_at)
                SELECT gen_random_uuid(), 'killed', interval '6 s', now() - interval '2 hours'
                FROM generate_series(1, 20)
                """).update();
        awaitNone(database, "audit_entry WHERE at < now() - interval '1 day'");
        awaitNone(database, "discarded_entry");
    }

    private static void vacuum(OutboxDatabase database) {
        for (String table : database.sql
                .sql("SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'r'"
                        + " AND c.relnamespace = 'dualwrite'::regnamespace")
                .query(String.class)
                .list()) {
            database.sql.sql("VACUUM " + table).update();
        }
    }

    private static void awaitNone(OutboxDatabase database, String from) {
        await(from)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> database.count("SELECT count(*) FROM dualwrite." + from) == 0);
    }

    /** Bytes of every table and index of the schema, and the rows of every table. */
    private static Map<String, Long> sizes(OutboxDatabase database) {
        var sizes = new TreeMap<String, Long>();
        for (Map<String, Object> row : database.sql
                .sql("SELECT c.relname::text, c.relkind::text, pg_relation_size(c.oid)"
                        + " + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) AS bytes FROM pg_class c"
                        + " WHERE c.relkind IN ('r', 'i') AND c.relnamespace = 'dualwrite'::regnamespace")
                .query()
                .listOfRows()) {
            String name = row.get("relname").toString();
            sizes.put(name, (Long) row.get("bytes"));
            if (row.get("relkind").equals("r")) {
                sizes.put("rows of " + name, database.count("SELECT count(*) FROM dualwrite." + name));
            }
        }
        return sizes;
    }

    private static List<Long> of(List<Map<String, Long>> days, String what) {
        return days.stream().map(day -> day.getOrDefault(what, 0L)).toList();
    }
}
