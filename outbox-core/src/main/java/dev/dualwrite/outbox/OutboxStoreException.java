package dev.dualwrite.outbox;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The primary store refused or lost a statement of the outbox; inside a transaction it makes that roll back. */
public final class OutboxStoreException extends OutboxException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String sqlState;

    public OutboxStoreException(String message, SQLException cause) {
        super(message + ": " + firstLine(cause) + " (SQLSTATE " + cause.getSQLState() + ")", cause);
        this.sqlState = cause.getSQLState();
    }

    /** PostgreSQL puts details below the first line, and those can hold a whole row, payload and all. */
    private static String firstLine(SQLException cause) {
        String text = String.valueOf(cause.getMessage());
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    public @Nullable String sqlState() {
        return sqlState;
    }

    /** Whether the same statement may work later without anybody doing anything. */
    public boolean isTransient() {
        if (sqlState == null || sqlState.length() < 2) {
            return false;
        }
        // 08 connection, 40 rollback (deadlock, serialization), 53 resources, 57 shutdown or cancel, 55P03 lock
        // timeout.
        return switch (sqlState.substring(0, 2)) {
            case "08", "40", "53", "57" -> true;
            default -> sqlState.equals("55P03") || sqlState.equals("25006");
        };
    }
}
