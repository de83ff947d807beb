package dev.dualwrite.outbox.jdbc;

/**
 * What a person is shown and does on the primary, whole statements on the views and functions of the schema. The schema's name,
 * checked, is the one thing put in. Apart from {@link PostgresStatements}: no relay runs these, and views may count.
 */
final class OperatorStatements {

    final String sinks;
    final String relays;
    final String lanes;
    final String oldest;
    final String stuckOfAggregate;
    final String stuckByIds;
    final String content;
    final String audit;
    final String requeue;
    final String requeueSome;
    final String requeueAll;
    final String discard;
    final String discardSome;
    final String pauseSink;
    final String resumeSink;

    OperatorStatements(String schema) {
        String name = Schema.checkName(schema);
        this.sinks = in(name, SINKS);
        this.relays = in(name, RELAYS);
        this.lanes = in(name, LANES);
        this.oldest = in(name, OLDEST);
        this.stuckOfAggregate = in(name, STUCK_OF_AGGREGATE);
        this.stuckByIds = in(name, STUCK_BY_IDS);
        this.content = in(name, CONTENT);
        this.audit = in(name, AUDIT);
        this.requeue = in(name, REQUEUE);
        this.requeueSome = in(name, REQUEUE_SOME);
        this.requeueAll = in(name, REQUEUE_ALL);
        this.discard = in(name, DISCARD);
        this.discardSome = in(name, DISCARD_SOME);
        this.pauseSink = in(name, PAUSE_SINK);
        this.resumeSink = in(name, RESUME_SINK);
    }

    private static String in(String schema, String statement) {
        return statement.replace("dualwrite.", schema + ".");
    }

    // A lane whose holder is not a living relay is not worked, whatever its lease says.
    private static final String SINKS = """
            SELECT s.sink,
                   s.state,
                   s.reason,
                   s.since,
                   s.paused_by,
                   s.relays,
                   s.tripped_relays,
                   b.entries,
                   b.estimated,
                   b.oldest_appended_at,
                   b.lag_seconds,
                   b.dead,
                   b.blocked,
                   b.backing_off,
                   l.lanes,
                   l.unheld
            FROM dualwrite.sinks s
            JOIN dualwrite.backlog b ON b.sink = s.sink
            CROSS JOIN LATERAL (
                SELECT count(*) AS lanes,
                       count(*) FILTER (WHERE NOT EXISTS (SELECT 1
                                                          FROM dualwrite.relays r
                                                          WHERE r.relay = h.holder AND r.alive)) AS unheld
                FROM dualwrite.shards h
                WHERE h.sink = s.sink
            ) l
            ORDER BY s.sink
            """;

    private static final String RELAYS = """
            SELECT r.relay,
                   r.host,
                   r.started_at,
                   r.heartbeat_at,
                   r.alive,
                   r.sinks,
                   r.shards_held,
                   r.fair_share
            FROM dualwrite.relays r
            ORDER BY r.started_at, r.relay
            LIMIT 1000
            """;

    private static final String LANES = """
            SELECT h.sink,
                   h.shard,
                   h.holder,
                   EXISTS (SELECT 1
                           FROM dualwrite.relays r
                           WHERE r.relay = h.holder AND r.alive) AS holder_alive,
                   h.fencing_token,
                   h.leased_until,
                   h.lag_seconds
            FROM dualwrite.shards h
            WHERE ?::text IS NULL OR h.sink = ?
            ORDER BY h.sink, h.shard
            LIMIT 10000
            """;

    // A page of a list of any length: the view would sort all of it.
    private static final String OLDEST = """
            SELECT e.entry_id,
                   e.sink,
                   e.aggregate_type,
                   e.aggregate_id,
                   e.state,
                   e.attempts,
                   e.first_failed_at,
                   e.next_attempt_at,
                   e.error_class,
                   e.error_message,
                   extract(epoch FROM e.age)::numeric(20, 3) AS age_seconds,
                   e.blocked_by,
                   e.next_step
            FROM dualwrite.oldest_stuck(?, ?, ?, ?) e
            ORDER BY e.entry_id
            """;

    // One look a lane. What does not restrict is folded away before the plan is made: the values are known then.
    private static final String STUCK_OF_AGGREGATE = """
            SELECT e.entry_id,
                   e.sink,
                   e.aggregate_type,
                   e.aggregate_id,
                   e.state,
                   e.attempts,
                   e.first_failed_at,
                   e.next_attempt_at,
                   e.error_class,
                   e.error_message,
                   extract(epoch FROM e.age)::numeric(20, 3) AS age_seconds,
                   e.blocked_by,
                   e.next_step
            FROM dualwrite.stuck_entries e
            WHERE e.aggregate_type = ?
              AND e.aggregate_id = ?
              AND e.entry_id > ?
              AND (?::text IS NULL OR e.sink = ?)
              AND (?::text IS NULL OR e.state = ?)
              AND (?::text IS NULL OR e.error_class = ?)
            ORDER BY e.entry_id
            LIMIT ?
            """;

    private static final String STUCK_BY_IDS = """
            SELECT e.entry_id,
                   e.sink,
                   e.aggregate_type,
                   e.aggregate_id,
                   e.state,
                   e.attempts,
                   e.first_failed_at,
                   e.next_attempt_at,
                   e.error_class,
                   e.error_message,
                   extract(epoch FROM e.age)::numeric(20, 3) AS age_seconds,
                   e.blocked_by,
                   e.next_step
            FROM dualwrite.stuck_entries e
            WHERE e.entry_id = ANY (?)
            ORDER BY e.entry_id
            LIMIT 100
            """;

    // No view shows a payload. The number alone is no prefix of the hot table's key, so each lane is looked into.
    private static final String CONTENT = """
            WITH asked AS (
                SELECT ?::bigint AS entry_id
            ), found AS (
                SELECT h.operation, h.payload_type, h.aggregate_type, h.schema_version, h.appended_at, h.headers, h.payload
                FROM dualwrite.held_entry h
                WHERE h.version = (SELECT a.entry_id FROM asked a)
                UNION ALL
                SELECT e.operation, e.payload_type, e.aggregate_type, e.schema_version, e.appended_at, e.headers, e.payload
                FROM dualwrite.lane l
                JOIN dualwrite.outbox_entry e
                  ON e.sink_id = l.sink_id
                 AND e.shard = l.shard
                 AND e.sequence = (SELECT a.entry_id - c.epoch * 281474976710656 FROM asked a CROSS JOIN dualwrite.control c)
            )
            SELECT f.operation,
                   coalesce(nullif(f.payload_type, ''), f.aggregate_type) AS payload_type,
                   f.schema_version,
                   f.appended_at,
                   f.headers,
                   f.payload
            FROM found f
            LIMIT 1
            """;

    private static final String AUDIT = """
            SELECT a.audit_id,
                   a.at,
                   a.actor,
                   a.action,
                   a.subject,
                   a.reason,
                   a.detail::text AS detail
            FROM dualwrite.audit a
            WHERE a.audit_id < ?
            ORDER BY a.audit_id DESC
            LIMIT ?
            """;

    /** For this transaction alone: who acts, for the record. */
    static final String ACTOR = """
            SELECT set_config('dualwrite.actor', ?, true)
            """;

    private static final String REQUEUE = """
            SELECT dualwrite.requeue(?::bigint, ?)
            """;

    private static final String REQUEUE_SOME = """
            SELECT dualwrite.requeue_some(?, ?)
            """;

    private static final String REQUEUE_ALL = """
            SELECT dualwrite.requeue_all(?, ?)
            """;

    private static final String DISCARD = """
            SELECT dualwrite.discard(?::bigint, ?)
            """;

    private static final String DISCARD_SOME = """
            SELECT dualwrite.discard_some(?, ?)
            """;

    private static final String PAUSE_SINK = """
            SELECT dualwrite.pause_sink(?, ?)
            """;

    private static final String RESUME_SINK = """
            SELECT dualwrite.resume_sink(?, ?)
            """;
}
