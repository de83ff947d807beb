package dev.dualwrite.outbox.jdbc;

/**
 * What a person is shown and does on the primary, whole statements on the views and functions of the schema. The schema's name,
 * checked, is the one thing put in. Apart from {@link PostgresStatements}: no relay runs these, and views may count.
 */
final class OperatorStatements {

    final String sinks;
    final String relays;

    OperatorStatements(String schema) {
        String name = Schema.checkName(schema);
        this.sinks = in(name, SINKS);
        this.relays = in(name, RELAYS);
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
}
