package dev.dualwrite.spring.autoconfigure;

/** The statements that prepare the schema's installation, whole. */
final class SchemaStatements {

    static final String FACTS = """
            SELECT current_database() AS database_name,
                   current_user AS user_name,
                   n.oid IS NOT NULL AS schema_exists,
                   has_database_privilege(current_database(), 'CREATE') AS may_create_schema,
                   quote_ident(w.schema_name) <> w.schema_name AS name_is_reserved,
                   EXISTS (SELECT 1
                           FROM pg_catalog.pg_class c
                           WHERE c.relnamespace = n.oid AND c.relname = w.history_table) AS history_exists
            FROM (VALUES (?::text, ?::text)) AS w (history_table, schema_name)
            LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema_name
            """;

    // IF NOT EXISTS alone is not enough: two sessions that both see no schema collide on the catalogue's unique index.
    static final String LOCK_SCHEMA_NAME = """
            SELECT pg_advisory_xact_lock(hashtextextended('dualwrite install ' || ?, 0))
            """;

    private static final String HISTORY = """
            SELECT version,
                   description,
                   script,
                   checksum,
                   -- Nothing that a person baselined or deleted, and no row of a file that failed.
                   success AND type = 'SQL' AND checksum IS NOT NULL AS applied_from_file
            FROM dualwrite.dualwrite_schema_history
            ORDER BY installed_rank
            """;

    private static final String CREATE_SCHEMA = """
            CREATE SCHEMA IF NOT EXISTS dualwrite
            """;

    private SchemaStatements() {}

    /** The statement that creates a schema whose name was checked. */
    static String createSchema(String checkedName) {
        return CREATE_SCHEMA.replace("dualwrite", checkedName);
    }

    /** The statement that reads the history in a schema whose name was checked. */
    static String history(String checkedName) {
        return HISTORY.replace("FROM dualwrite.", "FROM " + checkedName + ".");
    }
}
