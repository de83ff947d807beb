package dev.dualwrite.relay.state;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.relay.state.TablePlan.Column;
import dev.dualwrite.relay.state.TablePlan.KeyColumn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** Reads tables of a primary, each time in a read-only transaction of its own. Thread-safe; blocks on the database. */
final class TableReader {

    /** As elsewhere at the primary: a process that pauses in the middle of a transaction loses it. Guessed. */
    private static final Duration LONGEST_IDLENESS = Duration.ofSeconds(5);

    private final DataSource primary;
    private final StateStatements statements;

    TableReader(DataSource primary, String schema) {
        this.primary = primary;
        this.statements = new StateStatements(schema);
    }

    /** What is done in a transaction. */
    @FunctionalInterface
    interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    StateStatements statements() {
        return statements;
    }

    <T> T inTransaction(Duration timeout, Work<T> work) throws SQLException {
        try (Connection connection = primary.getConnection()) {
            connection.setAutoCommit(false);
            try {
                begin(connection, timeout);
                T result = work.with(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                rollback(connection, e);
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        }
    }

    /**
     * How that table is read now.
     *
     * @throws OutboxConfigurationException if it does not exist, or does not have those keys
     */
    TablePlan plan(TableKey key, Duration timeout) throws SQLException {
        return inTransaction(timeout, connection -> {
            try (PreparedStatement table = connection.prepareStatement(StateStatements.SELECT_TABLE)) {
                table.setString(1, key.table());
                table.setString(2, key.schema());
                table.setString(3, key.schema());
                try (ResultSet row = table.executeQuery()) {
                    if (!row.next()) {
                        throw wrong(key, "does not exist or is no table or view. Next: create it, or name another");
                    }
                    return plan(connection, key, row.getString("nspname"), row.getLong("oid"));
                }
            }
        });
    }

    private static TablePlan plan(Connection connection, TableKey key, String schema, long oid) throws SQLException {
        try (PreparedStatement narrow = connection.prepareStatement(StateStatements.NARROW_SEARCH_PATH)) {
            narrow.execute();
        }
        var columns = new ArrayList<Column>();
        Map<String, KeyColumn> possibleKeys = new HashMap<>();
        long shape = 0;
        try (PreparedStatement select = connection.prepareStatement(StateStatements.SELECT_COLUMNS)) {
            for (int i = 1; i <= 3; i++) {
                select.setLong(i, oid);
            }
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    String name = row.getString("attname");
                    columns.add(new Column(name, row.getString("built_in"), row.getString("element")));
                    possibleKeys.put(name, new KeyColumn(name, row.getString("cast_type"), row.getString("equality")));
                    shape = row.getLong("shape");
                }
            }
        }
        List<String> missing = key.keyColumns().stream()
                .filter(name -> !possibleKeys.containsKey(name))
                .toList();
        if (!missing.isEmpty() || key.keyColumns().isEmpty()) {
            throw wrong(
                    key,
                    "has no key columns " + missing + ", it has "
                            + columns.stream().map(Column::name).toList()
                            + ". Next: name the columns that its ids are made of");
        }
        List<KeyColumn> keys = key.keyColumns().stream().map(possibleKeys::get).toList();
        return new TablePlan(TablePlan.quote(schema) + "." + TablePlan.quote(key.table()), keys, columns, shape);
    }

    private static OutboxConfigurationException wrong(TableKey key, String what) {
        return new OutboxConfigurationException(List.of("table " + key.shown()
                + ", which has the states of aggregate type '" + key.aggregateType() + "', " + what));
    }

    private static void begin(Connection connection, Duration timeout) throws SQLException {
        try (PreparedStatement begin = connection.prepareStatement(StateStatements.BEGIN)) {
            begin.setString(1, Long.toString(Math.max(1, timeout.toMillis())));
            begin.setString(2, Long.toString(LONGEST_IDLENESS.toMillis()));
            begin.execute();
        }
    }

    private static void rollback(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }
}
