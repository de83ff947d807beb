package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.OutboxStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;

/**
 * Foreign keys by which the database itself changes captured rows, unseen by the capture. Blocks on the primary.
 *
 * @param dataSource the outbox's
 */
record KeyActions(DataSource dataSource) {

    private static final String FIND = """
            WITH captured AS (
                SELECT to_regclass(w.table_name)::oid AS source, w.aggregate_type
                FROM unnest(?::text[], ?::text[]) AS w (table_name, aggregate_type)
            )
            SELECT c.conname,
                   c.conrelid::regclass::text  AS table_name,
                   c.confrelid::regclass::text AS referenced
            FROM pg_catalog.pg_constraint c
            WHERE c.contype = 'f'
              -- Those of partitions are in the one of their table.
              AND c.conparentid = 0
              -- CASCADE, SET NULL, SET DEFAULT.
              AND (c.confdeltype IN ('c', 'n', 'd') OR c.confupdtype IN ('c', 'n', 'd'))
              -- What goes with its own aggregate is captured as that; another row of the same table is another aggregate's.
              AND (c.conrelid = c.confrelid AND c.conrelid IN (SELECT source FROM captured)
                   OR EXISTS (SELECT aggregate_type FROM captured WHERE source = c.conrelid
                              EXCEPT
                              SELECT aggregate_type FROM captured WHERE source = c.confrelid))
            ORDER BY table_name, c.conname
            """;

    /** Logs a warning for each; one statement. */
    void warn(Collection<CapturedModel> models) {
        var tables = new ArrayList<String>();
        var types = new ArrayList<String>();
        models.forEach(model -> model.tables()
                .forEach((table, entities) -> typesOf(model, entities).forEach(type -> {
                    tables.add(table);
                    types.add(type);
                })));
        try (Connection connection = dataSource.getConnection();
                PreparedStatement select = connection.prepareStatement(FIND)) {
            select.setArray(1, connection.createArrayOf("text", tables.toArray()));
            select.setArray(2, connection.createArrayOf("text", types.toArray()));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    CaptureLog.keyAction(
                            row.getString("conname"), row.getString("table_name"), row.getString("referenced"));
                }
            }
        } catch (SQLException e) {
            throw new OutboxStoreException("looking for key actions on captured tables failed", e);
        }
    }

    private static Set<String> typesOf(CapturedModel model, Set<String> entities) {
        var types = new TreeSet<String>();
        entities.forEach(entity -> {
            CapturedRoot root = model.rootOf(entity);
            if (root != null) {
                types.add(root.aggregateType());
            }
            model.partsOf(entity).forEach(part -> types.add(part.root().aggregateType()));
        });
        return types;
    }
}
