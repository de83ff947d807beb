package dev.dualwrite.relay.sink.jdbc;

/** Every statement that looks at the secondary's catalog or prepares it. Constant text: values are bound. */
final class CatalogStatements {

    static final String LIMIT = "SELECT set_config('statement_timeout', ?, true)";

    /** The schema is absent or given; without one, what the search path finds first. */
    static final String SELECT_TABLE = """
            SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence,
                   row_security_active(c.oid) AS row_security,
                   has_schema_privilege(n.oid, 'USAGE') AS may_use_schema,
                   has_table_privilege(c.oid, 'DELETE') AS may_delete
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname = ?
              AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
              AND CASE WHEN ?::text IS NULL THEN pg_table_is_visible(c.oid) ELSE n.nspname = ? END
            """;

    /** What the person may have meant. A bound on the number: some databases have a hundred thousand tables. */
    static final String SELECT_TABLE_NAMES = """
            SELECT n.nspname, c.relname, pg_table_is_visible(c.oid) AS visible
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p')
              AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            ORDER BY n.nspname, c.relname
            LIMIT 5000
            """;

    /**
     * A statement of its own, in effect until the transaction ends: with a search path of pg_catalog alone format_type gives
     * every other type with its schema, so the casts mean the same on each connection.
     */
    static final String NARROW_SEARCH_PATH = "SELECT set_config('search_path', 'pg_catalog', true)";

    /** The type under a domain decides how JSON is written; the domain itself is what is cast to. */
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
                   format_type(a.atttypid, -1) AS cast_type,
                   format_type(a.atttypid, a.atttypmod) AS shown_type,
                   t.typname AS base_type, t.typcategory AS category,
                   a.attnotnull,
                   a.attgenerated <> '' OR a.attidentity = 'a' AS generated,
                   a.atthasdef OR a.attidentity <> '' AS defaulted,
                   has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS may_select,
                   has_column_privilege(a.attrelid, a.attnum, 'INSERT') AS may_insert,
                   has_column_privilege(a.attrelid, a.attnum, 'UPDATE') AS may_update
            FROM base b
            JOIN pg_type t ON t.oid = b.type_id AND t.typtype <> 'd'
            JOIN pg_attribute a ON a.attrelid = ?::bigint::oid AND a.attnum = b.attnum
            ORDER BY a.attnum
            """;

    /** Those that ON CONFLICT can infer from a list of columns: whole, valid, checked at once. */
    static final String SELECT_UNIQUE_KEYS = """
            SELECT i.indexrelid, a.attname
            FROM pg_index i
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
            WHERE i.indrelid = ?::bigint::oid
              AND i.indisunique AND i.indimmediate AND i.indisvalid
              AND i.indpred IS NULL AND i.indexprs IS NULL
            ORDER BY i.indexrelid
            """;

    /** No row: it does not exist. */
    static final String SELECT_TOMBSTONES = """
            SELECT c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AS durable,
                   (SELECT count(*) FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND NOT a.attisdropped
                      AND (a.attname, a.atttypid) IN (('table_name', 'text'::regtype), ('key', 'text'::regtype),
                          ('version', 'bigint'::regtype), ('deleted_at', 'timestamptz'::regtype))) = 4 AS has_columns,
                   has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
                     AND has_table_privilege(c.oid, 'UPDATE') AS may_write
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = 'dualwrite_tombstone'
            """;

    static final String SELECT_MAY_CREATE = "SELECT has_schema_privilege(?, 'CREATE')";

    /** Two sinks that start at once would both see no table, and one would fail on its name. */
    static final String LOCK_TOMBSTONE_CREATION =
            "SELECT pg_advisory_xact_lock(hashtextextended('dualwrite_tombstone in ' || ?, 0))";

    /** The place of the table is the one thing put in. Keys are compared byte by byte, whatever the database's language. */
    static final String CREATE_TOMBSTONES = """
            CREATE TABLE IF NOT EXISTS %s (
              table_name text COLLATE "C" NOT NULL,
              key text COLLATE "C" NOT NULL,
              version bigint NOT NULL,
              deleted_at timestamptz NOT NULL,
              CONSTRAINT dualwrite_tombstone_pkey PRIMARY KEY (table_name, key)
            )
            """;

    private CatalogStatements() {}
}
