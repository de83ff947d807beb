package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.jdbc.Schema;

/** The statements that make captured entities known at the primary, whole. */
final class CaptureStatements {

    private static final String LOOK = """
            WITH wanted AS (
                SELECT DISTINCT to_regclass(w.table_name) AS source, w.entity
                FROM unnest(?::text[], ?::text[]) AS w (table_name, entity)
                -- A view or a table that is not there yet: no trigger could be on it.
                WHERE to_regclass(w.table_name) IS NOT NULL
            ),
            stored AS (
                SELECT source, entity
                FROM dualwrite.captured_entity
            )
            SELECT w.source::text AS table_name,
                   w.entity,
                   t.aggregate_type
            FROM wanted w
            JOIN dualwrite.captured_table t ON t.source = w.source
            UNION ALL
            SELECT NULL, NULL, NULL
            WHERE EXISTS (SELECT source::oid, entity FROM wanted EXCEPT SELECT source::oid, entity FROM stored)
            """;

    // In a statement of its own: the snapshot of the next one is taken when nobody captures a table any more.
    private static final String LOCK = """
            LOCK TABLE dualwrite.captured_entity IN SHARE ROW EXCLUSIVE MODE
            """;

    private static final String STORE = """
            INSERT INTO dualwrite.captured_entity (source, entity)
            SELECT DISTINCT to_regclass(w.table_name), w.entity
            FROM unnest(?::text[], ?::text[]) AS w (table_name, entity)
            WHERE to_regclass(w.table_name) IS NOT NULL
            ON CONFLICT (source, entity) DO NOTHING
            """;

    final String look;
    final String lock;
    final String store;

    CaptureStatements(String schema) {
        Schema.checkName(schema);
        this.look = LOOK.replace("dualwrite.", schema + ".");
        this.lock = LOCK.replace("dualwrite.", schema + ".");
        this.store = STORE.replace("dualwrite.", schema + ".");
    }
}
