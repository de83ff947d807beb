package dev.dualwrite.outbox.jdbc;

import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/** An installation with the sinks copy and search, and what relays would leave in it. */
final class OperatorScene {

    /** Holds lanes in these tests. */
    static final UUID RELAY = UUID.fromString("11111111-2222-3333-4444-555555555555");

    final Psql psql;

    private final String schema;
    private final InstalledSchema installed;

    OperatorScene(String schema) throws SQLException {
        this(schema, new InstalledSchema(schema));
    }

    private OperatorScene(String schema, InstalledSchema installed) throws SQLException {
        this.schema = schema;
        this.installed = installed;
        this.psql = new Psql(installed.dataSource());
        run("SELECT $.register_sink('copy')");
        run("SELECT $.register_sink('search')");
    }

    /** A second installation in the same database. */
    OperatorScene beside(String other) throws SQLException {
        installed.execute("CREATE SCHEMA " + other);
        installed.execute(Schema.script(other, Schema.DEFAULT_SHARD_COUNT));
        return new OperatorScene(other, installed);
    }

    InstalledSchema installed() {
        return installed;
    }

    /** Runs one statement, {@code $} standing for the schema. */
    Psql.Table run(String sql) throws SQLException {
        return psql.run(in(sql));
    }

    List<String> rows(String sql) throws SQLException {
        return psql.rows(in(sql));
    }

    String value(String sql) throws SQLException {
        return psql.value(in(sql));
    }

    String in(String sql) {
        return sql.replace("$.", schema + ".");
    }

    /** An entry that failed, or waits for one that did, of the aggregate type order at the sink copy. */
    void held(long entryId, String aggregateId, String state) throws SQLException {
        held("copy", entryId, aggregateId, state);
    }

    void held(String sink, long entryId, String aggregateId, String state) throws SQLException {
        run("""
                INSERT INTO $.held_entry
                       (version, appended_at, first_failed_at, next_attempt_at, attempts, sink_id, shard, schema_version,
                        operation, state, aggregate_type, aggregate_id, payload, error_class, error_message,
                        unfinished, suspect)
                SELECT %1$d, now() - interval '10 minutes',
                       CASE WHEN state <> 'blocked' THEN now() - interval '9 minutes' END,
                       CASE WHEN state = 'backing_off' THEN now() + interval '1 hour' END,
                       CASE state WHEN 'dead' THEN 10 WHEN 'backing_off' THEN 3 ELSE 0 END,
                       s.sink_id, $.shard_of('order', '%2$s', 16), 1, 'U', state, 'order', '%2$s', '\\x7b7d',
                       CASE WHEN state <> 'blocked' THEN 'java.sql.SQLException' END,
                       CASE WHEN state <> 'blocked' THEN 'value too long' END,
                       CASE WHEN state = 'dead' THEN 2 ELSE 0 END, state = 'dead'
                FROM $.sink s, (SELECT '%3$s' AS state) given
                WHERE s.name = '%4$s'
                """.formatted(entryId, aggregateId, state, sink));
    }

    /** An entry that was appended so long ago and never tried. */
    void hot(String sink, String aggregateId, String age) throws SQLException {
        run("""
                INSERT INTO $.outbox_entry
                       (appended_at, sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload)
                SELECT now() - interval '%s', s.sink_id, $.shard_of('order', '%s', 16), 1, 'U', 'order', '%s', '\\x7b7d'
                FROM $.sink s
                WHERE s.name = '%s'
                """.formatted(age, aggregateId, aggregateId, sink));
    }

    /** A relay that lives and carries these sinks. */
    void relay(UUID relay, String host, String... sinks) throws SQLException {
        run("INSERT INTO $.relay (relay_id, host, alive_for, fair_share) VALUES ('%s', '%s', interval '30 s', 8)"
                .formatted(relay, host));
        for (String sink : sinks) {
            run("INSERT INTO $.relay_sink (relay_id, sink_id) SELECT '%s', s.sink_id FROM $.sink s WHERE s.name = '%s'"
                    .formatted(relay, sink));
        }
    }

    /** A living lease of this relay on every lane of a sink. */
    void lease(UUID relay, String sink) throws SQLException {
        run("""
                INSERT INTO $.shedlock (name, lock_until, locked_at, locked_by)
                SELECT '%s/' || shard, timezone('utc', now()) + interval '30 s', timezone('utc', now()), '%s'
                FROM generate_series(0, 15) AS shard
                ON CONFLICT (name) DO UPDATE SET lock_until = excluded.lock_until, locked_by = excluded.locked_by
                """.formatted(sink, relay));
    }

    /** Entry and state of the held ones, in order: {@code "1 dead"}. */
    List<String> states() throws SQLException {
        return rows("SELECT version || ' ' || state FROM $.held_entry ORDER BY version");
    }

    /** Aggregates against the rule of the held table; empty if all is well. */
    List<String> disorder() throws SQLException {
        return rows("""
                SELECT DISTINCT h.sink_id || ' ' || h.aggregate_id
                FROM (SELECT h.*, first_value(h.state) OVER (PARTITION BY h.sink_id, h.aggregate_type, h.aggregate_id
                                                             ORDER BY h.version) AS first_state,
                             row_number() OVER (PARTITION BY h.sink_id, h.aggregate_type, h.aggregate_id
                                                ORDER BY h.version) AS place
                      FROM $.held_entry h) h
                WHERE h.first_state = 'blocked'
                   OR (h.first_state = 'backing_off' AND h.place > 1 AND h.state <> 'blocked')
                """);
    }
}
