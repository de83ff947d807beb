package dev.dualwrite.bench.backlog;

import dev.dualwrite.bench.store.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A transaction that has done something and then stays open: vacuum may remove nothing that died since. */
final class Pin implements AutoCloseable {

    private final Connection connection;

    private Pin(Connection connection) {
        this.connection = connection;
    }

    /** One that has read the hot table, and would see it as it was. */
    static Pin reader(Database database) throws SQLException {
        return of(database, Connection.TRANSACTION_REPEATABLE_READ, "SELECT 1 FROM dualwrite.outbox_entry LIMIT 1");
    }

    /** One that has written to another table, so it has a transaction id: every snapshot of its server remembers it. */
    static Pin writer(Database database) throws SQLException {
        database.run("CREATE TABLE elsewhere (n integer)");
        return of(database, Connection.TRANSACTION_READ_COMMITTED, "INSERT INTO elsewhere VALUES (1)");
    }

    private static Pin of(Database database, int isolation, String act) throws SQLException {
        Connection connection = database.pool().getConnection();
        try (Statement statement = connection.createStatement()) {
            connection.setTransactionIsolation(isolation);
            connection.setAutoCommit(false);
            statement.execute(act);
            return new Pin(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public void close() throws SQLException {
        try (connection) {
            connection.rollback();
        }
    }
}
