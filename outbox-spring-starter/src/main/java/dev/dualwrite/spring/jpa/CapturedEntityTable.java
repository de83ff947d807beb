package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.OutboxStoreException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;

/** What the primary knows of captured entities, so that no trigger captures their tables too. Thread-safe; blocks on the primary. */
final class CapturedEntityTable {

    private final DataSource dataSource;
    private final CaptureStatements statements;

    CapturedEntityTable(DataSource dataSource, String schema) {
        this.dataSource = dataSource;
        this.statements = new CaptureStatements(schema);
    }

    /**
     * Adds the tables of these models; one statement if they are there. Nothing is changed if there is a mistake, and nothing is
     * ever taken out: another process of the service, or its release before this one, may capture what this one does not.
     *
     * @param change whether to change anything; without, it is only looked
     * @return a mistake for each table that a trigger captures already
     * @throws OutboxStoreException if the primary cannot be asked
     */
    List<String> add(boolean change, Collection<CapturedModel> models) {
        var tables = new ArrayList<String>();
        var entities = new ArrayList<String>();
        models.forEach(model -> model.tables()
                .forEach((table, names) -> names.forEach(name -> {
                    tables.add(table);
                    entities.add(name);
                })));
        try (Connection connection = dataSource.getConnection()) {
            Array tableNames = connection.createArrayOf("text", tables.toArray());
            Array entityNames = connection.createArrayOf("text", entities.toArray());
            Seen seen = look(connection, tableNames, entityNames);
            if (change && seen.mistakes().isEmpty() && seen.isDifferent()) {
                seen = store(connection, tableNames, entityNames);
            }
            return seen.mistakes();
        } catch (SQLException e) {
            throw new OutboxStoreException("making the captured entities known failed", e);
        }
    }

    private record Seen(List<String> mistakes, boolean isDifferent) {}

    private Seen look(Connection connection, Array tables, Array entities) throws SQLException {
        var mistakes = new ArrayList<String>();
        boolean different = false;
        try (PreparedStatement select = connection.prepareStatement(statements.look)) {
            select.setArray(1, tables);
            select.setArray(2, entities);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String entity = row.getString("entity");
                    if (entity == null) {
                        different = true;
                    } else {
                        mistakes.add("entity " + entity + " is captured, but its table " + row.getString("table_name")
                                + " is captured by a trigger already, as aggregate type '"
                                + row.getString("aggregate_type") + "'. Next: release the table with release_table,"
                                + " or do not capture the entity");
                    }
                }
            }
        }
        return new Seen(mistakes, different);
    }

    private Seen store(Connection connection, Array tables, Array entities) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement();
                PreparedStatement insert = connection.prepareStatement(statements.store)) {
            statement.execute(statements.lock);
            Seen seen = look(connection, tables, entities);
            if (seen.mistakes().isEmpty()) {
                insert.setArray(1, tables);
                insert.setArray(2, entities);
                insert.executeUpdate();
                connection.commit();
            }
            return seen;
        } finally {
            // Of no consequence after the commit.
            connection.rollback();
            connection.setAutoCommit(autoCommit);
        }
    }
}
