package dev.dualwrite.relay.sink.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * Runs work in a transaction of its own on the secondary, and gives each connection back as it came: no transaction open,
 * autocommit and network timeout as before. Thread-safe; blocks on the data source and the database.
 */
final class SecondaryConnections {

    /** What a statement is given above its own timeout, so that the server can report the timeout first. Guessed. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final DataSource dataSource;
    private final int networkTimeoutMillis;

    SecondaryConnections(DataSource dataSource, Duration timeout) {
        this.dataSource = dataSource;
        this.networkTimeoutMillis =
                (int) Math.min(Integer.MAX_VALUE, timeout.plus(GRACE).toMillis());
    }

    /** Work inside a transaction. */
    @FunctionalInterface
    interface Work {
        void on(Connection connection) throws SQLException;
    }

    /**
     * Runs work and commits it; whatever it throws rolls it back.
     *
     * @param beforeCommit called when the work is done
     */
    void inTransaction(Work work, Runnable beforeCommit) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            int networkTimeout = connection.getNetworkTimeout();
            // The server keeps the timeout of each statement; this one ends a call that nothing answers.
            connection.setNetworkTimeout(Runnable::run, networkTimeoutMillis);
            connection.setAutoCommit(false);
            try {
                work.on(connection);
                beforeCommit.run();
                connection.commit();
            } catch (SQLException | RuntimeException | Error e) {
                giveUp(connection, autoCommit, networkTimeout, e);
                throw e;
            }
            restore(connection, autoCommit, networkTimeout);
        }
    }

    private static void giveUp(Connection connection, boolean autoCommit, int networkTimeout, Throwable cause) {
        try {
            connection.rollback();
            restore(connection, autoCommit, networkTimeout);
        } catch (SQLException e) {
            cause.addSuppressed(e);
            abort(connection, cause);
        }
    }

    private static void restore(Connection connection, boolean autoCommit, int networkTimeout) throws SQLException {
        // Only after the end of the transaction: switching autocommit on commits what is open.
        connection.setAutoCommit(autoCommit);
        connection.setNetworkTimeout(Runnable::run, networkTimeout);
    }

    /** Nothing is known of its state, so nobody may get it. */
    private static void abort(Connection connection, Throwable cause) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }
}
