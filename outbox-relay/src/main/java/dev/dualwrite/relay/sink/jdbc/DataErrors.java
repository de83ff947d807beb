package dev.dualwrite.relay.sink.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the secondary's refusals mean. The server's own words quote the data in them (the value that did not fit, the whole
 * row that broke a constraint), and errors end up in logs and tables that more people read: so they are put in other words.
 */
final class DataErrors {

    private DataErrors() {}

    /** SQLSTATE class 22: a value cannot be stored as it is. */
    static boolean isData(SQLException e) {
        return inClass(e, "22");
    }

    /** The table, or a right on it, is not any more what the plan was made for. */
    static boolean isOutdatedPlan(SQLException e) {
        return inClass(e, "42") || inClass(e, "0A");
    }

    /** The exception for the caller: the same one, or one without the data. */
    static SQLException withoutData(SQLException e, String table) {
        if (isData(e)) {
            return new SQLException(
                    "table " + table + " of the secondary refused a value: " + meaning(e.getSQLState()),
                    e.getSQLState());
        }
        // The first line names the constraint and the table, the others are the row.
        return inClass(e, "23") ? new SQLException(firstLine(e.getMessage()), e.getSQLState()) : e;
    }

    /** Why the one row of a batch was refused, with the column if it can be found. */
    static String reason(SQLException refusal, Optional<String> column, String table) {
        return column.orElse("a column of table " + table) + " cannot take the entry's value: "
                + meaning(refusal.getSQLState());
    }

    /**
     * The first column whose type does not take its text, found by asking for each. Empty for one that is too long: the cast
     * cuts it off.
     */
    static Optional<String> culprit(Connection connection, TablePlan plan, Row row) throws SQLException {
        for (int i = 0; i < row.keys().length; i++) {
            if (!takes(connection, plan.keys().get(i), row.keys()[i])) {
                return Optional.of("key column '" + plan.keys().get(i).name() + "' ("
                        + plan.keys().get(i).shownType() + ")");
            }
        }
        for (int i : row.present().stream().toArray()) {
            MappedColumn target = plan.columns().get(i);
            if (!takes(connection, target.column(), row.values()[i])) {
                return Optional.of(target + ", filled from " + target.pointer() + ",");
            }
        }
        return Optional.empty();
    }

    private static boolean takes(Connection connection, LiveColumn column, @Nullable String text) throws SQLException {
        var savepoint = connection.setSavepoint();
        try (PreparedStatement cast = connection.prepareStatement(SinkStatements.tryCast(column))) {
            cast.setString(1, text);
            cast.execute();
            return true;
        } catch (SQLException e) {
            if (!isData(e)) {
                throw e;
            }
            connection.rollback(savepoint);
            return false;
        }
    }

    private static String meaning(@Nullable String sqlState) {
        String words =
                switch (sqlState == null ? "" : sqlState) {
                    case "22001" -> "text is longer than the column";
                    case "22003" -> "number is out of the type's range";
                    case "22P02" -> "text is not of the column's type";
                    case "22007", "22008" -> "text is not a date or time, or out of range";
                    case "22021", "22P05" -> "character is not in the database's encoding";
                    case "22023" -> "text is not base64 or not valid for the type";
                    default -> "value is not valid for the column";
                };
        return words + " (SQLSTATE " + sqlState + ")";
    }

    private static String firstLine(@Nullable String message) {
        return message == null
                ? "a constraint was violated"
                : message.lines().findFirst().orElse("");
    }

    private static boolean inClass(SQLException e, String sqlStateClass) {
        return e.getSQLState() != null && e.getSQLState().startsWith(sqlStateClass);
    }
}
