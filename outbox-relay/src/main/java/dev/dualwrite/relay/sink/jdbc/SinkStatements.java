package dev.dualwrite.relay.sink.jdbc;

import java.util.List;
import java.util.StringJoiner;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The statements of one apply, whole, with the names of one table put in. Values are always bound: one array a column, so
 * that the text does not depend on the number of rows and is planned once.
 *
 * <p>Both answer with the versions that they wrote. A caller must not give two rows of one version to one statement.
 */
final class SinkStatements {

    /**
     * Travels in front of each statement but the first, in the same round trip. The server ends a statement that takes longer;
     * the driver's own timeout would need a second connection to say so.
     */
    static final String LIMIT = "SELECT set_config('statement_timeout', ?, true) IS NULL;\n";

    /**
     * What begins each transaction, in parts that travel together with the first statement that writes. That one must see
     * what was committed while it waited for the lock, so no isolation level above this one. A commit that is answered is on disk, whatever the
     * session was told (remote_apply is more than on, and stays). A time without zone means the same on each pod. The shards
     * are locked in the order of the array.
     */
    static final String BEGIN_SHARED = begin("pg_advisory_xact_lock_shared");

    /**
     * How many statements that is. None of them answers with a text: the driver would wait for an answer of unknown length
     * before it sends the next part.
     */
    static final int BEGIN_PARTS = 4;

    /** As {@link #BEGIN_SHARED}, and alone on the shards. */
    static final String BEGIN_EXCLUSIVE = begin("pg_advisory_xact_lock");

    private static final String UPSERT = """
            INSERT INTO {table} AS target ({names}, {version})
            SELECT {values}, i.version
            FROM unnest(?::bigint[], ?::text[], {arrays}) WITH ORDINALITY AS i (version, id, {inputs}, place)
            WHERE NOT EXISTS (
              -- a deletion that is as new or newer wins
              SELECT FROM {tombstones} AS t
              WHERE t.table_name = ? AND t.key = i.id AND t.version >= i.version)
            -- in the order of the keys on every pod: no deadlock
            ORDER BY i.place
            ON CONFLICT ({keys}) DO UPDATE
            SET {assignments}
            -- a row from before the version column was added is older than every entry
            WHERE target.{version} IS NULL OR target.{version} < EXCLUDED.{version}
            RETURNING target.{version}
            """;

    /** All parts see the rows as they were before the statement, so a removed row still counts in "newer". */
    private static final String DELETE = """
            WITH input AS MATERIALIZED (
              SELECT i.version, i.id, {values}
              FROM unnest(?::bigint[], ?::text[], {arrays}) AS i (version, id, {inputs})
            ),
            removed AS (
              DELETE FROM {table} AS target
              USING input
              WHERE {match} AND (target.{version} IS NULL OR target.{version} < input.version)
            )
            INSERT INTO {tombstones} AS t (table_name, key, version, deleted_at)
            SELECT ?, input.id, input.version, now()
            FROM input
            -- newer: the aggregate was written again after this deletion
            WHERE NOT EXISTS (
              SELECT FROM {table} AS target
              WHERE {match} AND target.{version} >= input.version)
            ON CONFLICT (table_name, key) DO UPDATE
            SET version = EXCLUDED.version, deleted_at = EXCLUDED.deleted_at
            WHERE t.version < EXCLUDED.version
            RETURNING t.version
            """;

    private SinkStatements() {}

    static String upsert(LiveTable table, List<LiveColumn> keys, List<LiveColumn> columns, String versionColumn) {
        int count = keys.size() + columns.size();
        String version = TableName.quote(versionColumn);
        var names = new StringJoiner(", ");
        var values = new StringJoiner(", ");
        var assignments = new StringJoiner(", ");
        for (int i = 0; i < count; i++) {
            LiveColumn column = i < keys.size() ? keys.get(i) : columns.get(i - keys.size());
            names.add(TableName.quote(column.name()));
            values.add(cast("i.v" + i, column));
        }
        for (LiveColumn column : columns) {
            String name = TableName.quote(column.name());
            assignments.add(name + " = EXCLUDED." + name);
        }
        assignments.add(version + " = EXCLUDED." + version);
        return fill(UPSERT, table, version)
                .replace("{names}", names.toString())
                .replace("{values}", values.toString())
                .replace("{arrays}", list(count, i -> "?::text[]"))
                .replace("{inputs}", list(count, i -> "v" + i))
                .replace(
                        "{keys}",
                        list(keys.size(), i -> TableName.quote(keys.get(i).name())))
                .replace("{assignments}", assignments.toString());
    }

    static String delete(LiveTable table, List<LiveColumn> keys, String versionColumn) {
        var match = new StringJoiner(" AND ");
        for (int i = 0; i < keys.size(); i++) {
            match.add("target." + TableName.quote(keys.get(i).name()) + " = input.v" + i);
        }
        return fill(DELETE, table, TableName.quote(versionColumn))
                .replace("{values}", list(keys.size(), i -> cast("i.v" + i, keys.get(i)) + " AS v" + i))
                .replace("{arrays}", list(keys.size(), i -> "?::text[]"))
                .replace("{inputs}", list(keys.size(), i -> "v" + i))
                .replace("{match}", match.toString());
    }

    /** Reads one text as the column's type, and does nothing with it. */
    static String tryCast(LiveColumn column) {
        return "SELECT " + cast("?::text", column);
    }

    private static String begin(String lock) {
        return """
                SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
                SELECT set_config('statement_timeout', ?, true) IS NULL,
                       -- a process that is paused or cut off must not keep its rows and shards locked
                       set_config('idle_in_transaction_session_timeout', ?, true) IS NULL,
                       set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                                                        WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)
                       IS NULL,
                       set_config('timezone', 'UTC', true) IS NULL;
                SELECT %s(?, shard) FROM unnest(?::int[]) AS shard;
                -- what the locks have left of the time
                SELECT set_config('statement_timeout',
                                  greatest(1, ?::bigint - (extract(epoch FROM clock_timestamp() - now()) * 1000)::bigint)::text,
                                  true)
                       IS NULL;
                """.formatted(lock);
    }

    private static String cast(String value, LiveColumn column) {
        return column.kind() == ColumnKind.BINARY
                ? "decode(" + value + ", 'base64')"
                : "CAST(" + value + " AS " + column.castType() + ")";
    }

    private static String fill(String statement, LiveTable table, String version) {
        return statement
                .replace("{table}", table.identifier())
                .replace("{tombstones}", table.tombstones())
                .replace("{version}", version);
    }

    private static String list(int count, IntFunction<String> item) {
        return IntStream.range(0, count)
                .mapToObj(item)
                .reduce((a, b) -> a + ", " + b)
                .orElseThrow();
    }
}
