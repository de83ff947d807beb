package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.postgres.PlanWatch;
import java.sql.SQLException;
import java.util.UUID;

/**
 * An outbox with a backlog: 200,000 entries, and 20,000 held ones of 4,000 aggregates, a fifth of them the first of its
 * aggregate, over {@value #SHARDS} lanes, all of which one relay holds.
 */
final class FilledOutbox {

    static final int SHARDS = Schema.DEFAULT_SHARD_COUNT;
    static final int ENTRIES = 200_000;
    static final int HELD = 20_000;
    static final int HELD_OF_AGGREGATE = 5;
    static final short SINK = 1;
    /** The lane that the statements are about. */
    static final short SHARD = 3;

    static final UUID HOLDER = new UUID(1, 1);
    static final long TOKEN = 7;

    private static final long FIRST_HELD = 1_000_000;

    private static final String FILL = """
            INSERT INTO dualwrite.outbox_entry
                   (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload)
            SELECT 1, i %% %1$d, 1, 'U', 'order', i::text, decode(repeat('ab', 100), 'hex')
            FROM generate_series(1, %2$d) AS i
            """.formatted(SHARDS, ENTRIES);

    // Aggregates that wait for their first one, which is due, or will be, or is dead.
    private static final String HOLD = """
            INSERT INTO dualwrite.held_entry
                   (version, appended_at, attempts, sink_id, shard, schema_version, operation, state, next_attempt_at,
                    aggregate_type, aggregate_id, payload, error_message)
            SELECT %1$d + i, now(), 1, 1, a %% %2$d, 1, 'U', h.state,
                   CASE WHEN h.state = 'backing_off' THEN now() + make_interval(secs => a %% 100 - 50) END,
                   'order', a::text, decode(repeat('ab', 100), 'hex'), CASE WHEN h.state = 'dead' THEN 'seen' END
            FROM generate_series(0, %3$d - 1) AS i
            CROSS JOIN LATERAL (SELECT i / %4$d AS a) AS of
            CROSS JOIN LATERAL (SELECT CASE WHEN i %% %4$d > 0 THEN 'blocked'
                                            WHEN a %% 7 = 0 THEN 'dead'
                                            ELSE 'backing_off' END AS state) AS h
            """.formatted(FIRST_HELD, SHARDS, HELD, HELD_OF_AGGREGATE);

    private final InstalledSchema schema;

    FilledOutbox() throws SQLException {
        schema = new InstalledSchema("dualwrite");
        schema.execute("SELECT dualwrite.register_sink('copy')");
        schema.execute(FILL);
        schema.execute(HOLD);
        schema.execute("UPDATE dualwrite.lane SET holder = '" + HOLDER + "', fencing_token = " + TOKEN);
        schema.execute("INSERT INTO dualwrite.shedlock (name, lock_until, locked_at, locked_by)"
                + " SELECT 'copy/' || shard, timezone('utc', now()) + interval '1 hour', timezone('utc', now()), '"
                + HOLDER + "' FROM dualwrite.lane");
        schema.execute("VACUUM ANALYZE");
    }

    PlanWatch watch() {
        return new PlanWatch(schema.dataSource());
    }

    /** The version of a held entry, by its place in its aggregate; the aggregate's id is the number of its shard. */
    static long heldVersion(int aggregate, int place) {
        return FIRST_HELD + (long) aggregate * HELD_OF_AGGREGATE + place;
    }
}
