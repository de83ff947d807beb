package dev.dualwrite.relay;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** The primary of one relay, which tells how often the relay's claim thread has looked at it. Thread-safe. */
final class WatchedPrimary extends DelegatingDataSource {

    /** What only the look of the claim thread asks for. */
    private static final String LOOK = "pg_snapshot_xmin";

    private int looks;

    WatchedPrimary(DataSource primary) {
        super(primary);
    }

    /** Returns when the claim thread has gone round: what it could claim behind a batch at the sink, it has claimed. */
    synchronized void awaitRound() throws InterruptedException {
        // One look that may have come too late for this round, and the one that begins the next.
        int enough = looks + 2;
        while (looks < enough) {
            wait();
        }
    }

    private synchronized void looked() {
        looks++;
        notifyAll();
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    if (method.getName().equals("prepareStatement")
                            && args[0].toString().contains(LOOK)) {
                        looked();
                    }
                    try {
                        return method.invoke(connection, args);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                });
    }
}
