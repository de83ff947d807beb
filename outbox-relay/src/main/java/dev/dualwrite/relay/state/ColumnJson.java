package dev.dualwrite.relay.state;

import java.util.Set;

/**
 * The SQL that makes JSON of a column's value, so that nothing of it is lost. Pure.
 *
 * <p>What JSON has itself is written as such: numbers with all their digits and their scale, booleans, texts, JSON. Times are texts
 * of ISO 8601, bytes are base64. Of any other type it is the type's own text, which only PostgreSQL has to understand.
 */
final class ColumnJson {

    /** to_json writes them as one would expect; NaN and the infinities as texts. */
    private static final Set<String> PLAIN = Set.of(
            "bool",
            "int2",
            "int4",
            "int8",
            "numeric",
            "text",
            "varchar",
            "bpchar",
            "uuid",
            "date",
            "timestamp",
            "timestamptz");

    private static final Set<String> FLOAT = Set.of("float4", "float8");

    private ColumnJson() {}

    /**
     * The expression for a column.
     *
     * @param column it, as an identifier
     * @param builtIn name of its type, of the one under a domain; empty if it is not one of pg_catalog
     * @param element the same for the elements of an array
     */
    static String of(String column, String builtIn, String element) {
        if (PLAIN.contains(builtIn) || builtIn.equals("json") || builtIn.equals("jsonb")) {
            return column;
        }
        if (FLOAT.contains(builtIn)) {
            // A JSON number has no negative zero that every parser keeps.
            return "CASE WHEN {c}::text = '-0' THEN pg_catalog.to_json('-0'::text) ELSE pg_catalog.to_json({c}) END"
                    .replace("{c}", column);
        }
        if (builtIn.equals("bytea")) {
            // encode breaks its lines.
            return "pg_catalog.translate(pg_catalog.encode({c}, 'base64'), E'\\n', '')".replace("{c}", column);
        }
        if (builtIn.equals("money")) {
            // Its text depends on the language of the session.
            return column + "::numeric";
        }
        if (PLAIN.contains(element)) {
            return array(column, "true");
        }
        if (FLOAT.contains(element)) {
            return array(column, "{c}::text !~ '[{,]-0[,}]'");
        }
        return column + "::text";
    }

    /** An array that begins elsewhere than at 1 has no JSON that says so. */
    private static String array(String column, String elements) {
        return """
                CASE WHEN pg_catalog.array_lower({c}, 1) IS NULL
                       OR (pg_catalog.array_lower({c}, 1),
                           coalesce(pg_catalog.array_lower({c}, 2), 1), coalesce(pg_catalog.array_lower({c}, 3), 1),
                           coalesce(pg_catalog.array_lower({c}, 4), 1), coalesce(pg_catalog.array_lower({c}, 5), 1),
                           coalesce(pg_catalog.array_lower({c}, 6), 1)) = (1, 1, 1, 1, 1, 1) AND {elements}
                     THEN pg_catalog.to_json({c}) ELSE pg_catalog.to_json({c}::text) END""".replace("{elements}", elements).replace("{c}", column);
    }
}
