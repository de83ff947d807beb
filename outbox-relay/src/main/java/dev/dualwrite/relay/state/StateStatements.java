package dev.dualwrite.relay.state;

import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.relay.state.TablePlan.Column;
import dev.dualwrite.relay.state.TablePlan.KeyColumn;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The statements that read states out of tables, whole, with the names of one table put in. Values are always bound. */
final class StateStatements {

    /**
     * For the rest of the transaction. Row-level security that would hide rows is an error: a hidden row would be taken for a deleted
     * one. Texts of values mean the same whatever the session was told.
     */
    static final String BEGIN = """
            SELECT pg_catalog.set_config('transaction_read_only', 'on', true),
                   pg_catalog.set_config('statement_timeout', ?, true),
                   pg_catalog.set_config('idle_in_transaction_session_timeout', ?, true),
                   pg_catalog.set_config('row_security', 'off', true),
                   pg_catalog.set_config('timezone', 'UTC', true),
                   pg_catalog.set_config('datestyle', 'ISO, YMD', true),
                   pg_catalog.set_config('intervalstyle', 'postgres', true),
                   pg_catalog.set_config('extra_float_digits', '1', true),
                   pg_catalog.set_config('bytea_output', 'hex', true)
            """;

    /** So that format_type gives every type outside of pg_catalog with its schema. */
    static final String NARROW_SEARCH_PATH = "SELECT pg_catalog.set_config('search_path', 'pg_catalog', true)";

    /** The schema is absent or given; without one, what the search path finds first. */
    static final String SELECT_TABLE = """
            SELECT c.oid::bigint AS oid, n.nspname
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname = ?
              AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
              AND CASE WHEN ?::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = ? END
            """;

    /** What decides how a row is read: another table of that name, or another column, is another shape. */
    private static final String SHAPE = """
            (SELECT pg_catalog.hashtextextended(
                        pg_catalog.string_agg(
                            pg_catalog.concat_ws(' ', a.attrelid, a.attnum, a.atttypid, a.attname), ',' ORDER BY a.attnum),
                        0)
             FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = {relation} AND a.attnum > 0 AND NOT a.attisdropped)""";

    /**
     * The type under a domain decides how a value is written, and how an id is read, as by the triggers: a domain's check need not hold
     * for old rows, and its collation may be another than the column's.
     */
    static final String SELECT_COLUMNS = """
            WITH RECURSIVE base (attnum, type_id) AS (
                SELECT a.attnum, a.atttypid
                FROM pg_attribute a
                WHERE a.attrelid = ?::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
                UNION ALL
                SELECT b.attnum, t.typbasetype
                FROM base b
                JOIN pg_type t ON t.oid = b.type_id
                WHERE t.typtype = 'd'
            )
            SELECT a.attname,
                   format_type(t.oid, -1) AS cast_type,
                   CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname ELSE '' END AS built_in,
                   -- only of true arrays: others have elements, too
                   CASE WHEN e.typnamespace = 'pg_catalog'::regnamespace AND e.typarray = t.oid THEN e.typname
                        ELSE '' END AS element,
                   coalesce((SELECT n.nspname
                             FROM pg_opclass k
                             JOIN pg_am m ON m.oid = k.opcmethod AND m.amname = 'btree'
                             JOIN pg_amop p ON p.amopfamily = k.opcfamily AND p.amopstrategy = 3
                                           AND p.amoplefttype = k.opcintype AND p.amoprighttype = k.opcintype
                             JOIN pg_operator o ON o.oid = p.amopopr AND o.oprname = '='
                             JOIN pg_namespace n ON n.oid = o.oprnamespace
                             WHERE k.opcdefault AND k.opcintype = t.oid), 'pg_catalog') AS equality,
                   {shape} AS shape
            FROM base b
            JOIN pg_type t ON t.oid = b.type_id AND t.typtype <> 'd'
            LEFT JOIN pg_type e ON e.oid = t.typelem
            JOIN pg_attribute a ON a.attrelid = ?::bigint::oid AND a.attnum = b.attnum
            ORDER BY a.attnum
            """.replace("{shape}", SHAPE.replace("{relation}", "?::bigint::oid"));

    /**
     * LATERAL with a LIMIT: each key is one look into the index, whatever the planner thinks of the number of keys. Two rows of a key
     * are one too many, and told. Beyond the room no payload travels, so that it is bounded before anybody knows the rows.
     *
     * <p>Functions have their schema: one of another schema whose arguments fit better would be called in their place. The search path
     * stays as it is, for the functions of a view may need it.
     */
    private static final String LOAD = """
            SELECT (SELECT c.epoch FROM dualwrite.control c) AS epoch,
                   (SELECT c.primary_identity IS NOT DISTINCT FROM (SELECT dualwrite.primary_identity())
                    FROM dualwrite.control c) AND NOT pg_catalog.pg_is_in_recovery() AS same_primary,
                   %s AS shape,
                   l.place, l.bytes,
                   l.used_before >= ? AS is_left,
                   CASE WHEN l.bytes <= ? AND l.used_before < ? THEN l.payload END AS payload
            FROM (
                SELECT i.place, s.payload, pg_catalog.octet_length(s.payload) AS bytes,
                       coalesce(pg_catalog.sum(CASE WHEN pg_catalog.octet_length(s.payload) <= ?
                                                    THEN pg_catalog.octet_length(s.payload) END)
                                    OVER (ORDER BY i.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
                                0) AS used_before
                FROM ROWS FROM (%s) WITH ORDINALITY AS i (%s, place)
                LEFT JOIN LATERAL (
                    SELECT pg_catalog.row_to_json(r)::text AS payload
                    FROM (SELECT %s
                          FROM %s AS t
                          WHERE %s
                          LIMIT 2) AS r
                ) AS s ON true
            ) AS l
            """;

    private static final String TRY_CASTS = "SELECT {casts}";

    private final String schema;

    StateStatements(String schema) {
        this.schema = Schema.checkName(schema);
    }

    /** Its parameters: room, payload limit, room, payload limit, then one array of texts for each key column. */
    String load(TablePlan plan) {
        List<KeyColumn> keys = plan.keys();
        return LOAD.replace("dualwrite.", schema + ".")
                .formatted(
                        SHAPE.replace("{relation}", "pg_catalog.to_regclass(" + literal(plan.identifier()) + ")"),
                        list(keys.size(), ", ", i -> "pg_catalog.unnest(?::text[])"),
                        list(keys.size(), ", ", i -> "v" + i),
                        plan.columns().stream().map(StateStatements::column).collect(Collectors.joining(", ")),
                        plan.identifier(),
                        list(keys.size(), " AND ", i -> match(keys.get(i), i)));
    }

    private static String match(KeyColumn key, int part) {
        return "t." + TablePlan.quote(key.name()) + " OPERATOR(" + TablePlan.quote(key.equality()) + ".=) CAST(i.v"
                + part + " AS " + key.castType() + ")";
    }

    /** Reads the parts of one id as the types of the key columns, and does nothing with them. */
    static String tryCasts(TablePlan plan) {
        return TRY_CASTS.replace(
                "{casts}",
                list(
                        plan.keys().size(),
                        ", ",
                        i -> "CAST(?::text AS " + plan.keys().get(i).castType() + ")"));
    }

    private static String column(Column column) {
        String name = TablePlan.quote(column.name());
        return ColumnJson.of("t." + name, column.builtIn(), column.element()) + " AS " + name;
    }

    private static String literal(String text) {
        return "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private static String list(int count, String between, IntFunction<String> item) {
        return IntStream.range(0, count).mapToObj(item).collect(Collectors.joining(between));
    }
}
