package dev.dualwrite.outbox.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The channel on which a commit with entries, or an act of a person, is made known to relays in other processes: a hint that
 * may be lost, since relays poll anyway. Immutable; each method blocks for one round trip.
 *
 * <p>Plain statements, never prepared ones: a pooler in transaction mode keeps no prepared statements.
 */
public final class WakeUpChannel {

    private final PostgresStatements statements;

    public WakeUpChannel(String schema) {
        this.statements = new PostgresStatements(schema);
    }

    /**
     * Wakes every relay that listens. Only ever outside a business transaction: its commit would take a lock of the whole
     * database, one after the other.
     */
    public void send(Connection connection) throws SQLException {
        execute(connection, statements.notifyRelays);
    }

    /** From now on the connection's session gets what is sent, for as long as it lives. */
    public void listen(Connection connection) throws SQLException {
        execute(connection, statements.listenForNotify);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
