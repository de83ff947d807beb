package dev.dualwrite.spring.autoconfigure;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Connections of a pool in READ COMMITTED, given back with the isolation they came with. Thread-safe.
 *
 * <p>Flyway waits for a process that migrates at the same time, and then looks what it did. In a stricter isolation it
 * would see what was there before the wait, and create everything a second time.
 */
final class ReadCommittedDataSource extends DelegatingDataSource {

    ReadCommittedDataSource(DataSource pool) {
        super(pool);
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        int before = connection.getTransactionIsolation();
        if (before == Connection.TRANSACTION_READ_COMMITTED) {
            return connection;
        }
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        return restoringAtClose(connection, before);
    }

    private static Connection restoringAtClose(Connection connection, int isolation) {
        return (Connection) Proxy.newProxyInstance(
                ReadCommittedDataSource.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("close") && !connection.isClosed()) {
                        restore(connection, isolation);
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static void restore(Connection connection, int isolation) throws SQLException {
        if (!connection.getAutoCommit()) {
            // The isolation cannot be changed within a transaction, and one that nobody committed is not wanted.
            connection.rollback();
        }
        connection.setTransactionIsolation(isolation);
    }
}
