package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.OutboxStoreException;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Reads which tables triggers capture. Thread-safe; blocks on the database, in a transaction of its own. */
public final class CapturedTables {

    private final Statements sql;
    private final PostgresStatements statements;

    /** Those of an outbox, on connections in autocommit mode. */
    public CapturedTables(DataSource dataSource, String schema) {
        this.sql = new Statements(dataSource);
        this.statements = new PostgresStatements(schema);
    }

    /**
     * A table whose changes are written down as references.
     *
     * @param schema of the table, as the catalog has it
     * @param table its name, as the catalog has it
     * @param keyColumns that the parts of the aggregate id are taken from, in their order
     */
    public record CapturedTable(String schema, String table, List<String> keyColumns) {

        public CapturedTable {
            keyColumns = List.copyOf(keyColumns);
        }
    }

    /**
     * The tables that give entries of that aggregate type: one, as a rule; none if nobody captures it, or not any more.
     *
     * @throws OutboxStoreException if the database cannot be asked
     */
    public List<CapturedTable> of(String aggregateType) {
        return sql.run("reading the captured tables of " + aggregateType, statements.capturedTables, select -> {
            select.setString(1, aggregateType);
            var tables = new ArrayList<CapturedTable>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String[] keys = (String[]) row.getArray("key_columns").getArray();
                    tables.add(new CapturedTable(row.getString("nspname"), row.getString("relname"), List.of(keys)));
                }
            }
            return tables;
        });
    }
}
