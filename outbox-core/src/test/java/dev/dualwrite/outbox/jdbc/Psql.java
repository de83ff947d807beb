package dev.dualwrite.outbox.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import javax.sql.DataSource;

/** A person at a prompt: statements as text, one a call, results as a table without alignment. */
final class Psql {

    private final DataSource dataSource;

    Psql(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /**
     * A result as it is printed.
     *
     * @param columns their names
     * @param rows their cells as text, absent ones empty
     */
    record Table(List<String> columns, List<List<String>> rows) {

        /** Header and rows, a line each, cells joined by {@code " | "}. */
        @Override
        public String toString() {
            var lines = new StringJoiner("\n");
            lines.add(String.join(" | ", columns));
            rows.forEach(row -> lines.add(String.join(" | ", row)));
            return lines.toString();
        }
    }

    /** Runs one statement in a session of its own; one without a result gives an empty table. */
    Table run(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            return run(connection, sql);
        }
    }

    static Table run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return new Table(List.of(), List.of());
            }
            try (ResultSet result = statement.getResultSet()) {
                return table(result);
            }
        }
    }

    /** The rows of a result, cells joined by {@code " | "}. */
    List<String> rows(String sql) throws SQLException {
        return run(sql).rows().stream().map(row -> String.join(" | ", row)).toList();
    }

    /** The only cell of the only row. */
    String value(String sql) throws SQLException {
        List<List<String>> rows = run(sql).rows();
        if (rows.size() != 1 || rows.get(0).size() != 1) {
            throw new AssertionError("expected one cell, got " + rows + " from " + sql);
        }
        return rows.get(0).get(0);
    }

    private static Table table(ResultSet result) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        var columns = new ArrayList<String>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            columns.add(meta.getColumnLabel(i));
        }
        var rows = new ArrayList<List<String>>();
        while (result.next()) {
            var row = new ArrayList<String>();
            for (int i = 1; i <= columns.size(); i++) {
                String cell = result.getString(i);
                row.add(cell == null ? "" : cell);
            }
            rows.add(List.copyOf(row));
        }
        return new Table(List.copyOf(columns), List.copyOf(rows));
    }
}
