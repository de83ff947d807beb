package dev.dualwrite.relay;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * A named fault: one relay that does not reach the primary any more. To the others it looks like a killed process; when it is
 * healed it is one that was paused. Counts what its lease thread asks, too.
 */
final class CutOff extends DelegatingDataSource {

    private final AtomicInteger askedByLeaseThread = new AtomicInteger();
    private volatile boolean cut;

    CutOff(DataSource primary) {
        super(primary);
    }

    void cut() {
        cut = true;
    }

    void heal() {
        cut = false;
    }

    int askedByLeaseThread() {
        return askedByLeaseThread.get();
    }

    @Override
    public Connection getConnection() throws SQLException {
        if (cut) {
            throw new SQLException("the primary is cut off", "08006");
        }
        if (Thread.currentThread().getName().equals("outbox-relay-lease")) {
            askedByLeaseThread.incrementAndGet();
        }
        return super.getConnection();
    }
}
