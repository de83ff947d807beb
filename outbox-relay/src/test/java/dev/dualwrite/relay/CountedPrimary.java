package dev.dualwrite.relay;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** The primary of one relay, which counts what it is asked. Thread-safe. */
final class CountedPrimary extends DelegatingDataSource {

    /** So long without a poll, a claim or a settle, and no more follow from what was. */
    private static final long REST_NANOS = Duration.ofMillis(300).toNanos();

    private final AtomicInteger all = new AtomicInteger();
    private final AtomicInteger polls = new AtomicInteger();
    private final AtomicInteger claims = new AtomicInteger();
    private final AtomicInteger settles = new AtomicInteger();
    private volatile long last = System.nanoTime();

    CountedPrimary(DataSource primary) {
        super(primary);
    }

    void reset() {
        all.set(0);
        polls.set(0);
        claims.set(0);
        settles.set(0);
    }

    int all() {
        return all.get();
    }

    int polls() {
        return polls.get();
    }

    int claims() {
        return claims.get();
    }

    int settles() {
        return settles.get();
    }

    boolean isAtRest() {
        return System.nanoTime() - last > REST_NANOS;
    }

    private void asked(String statement) {
        all.incrementAndGet();
        if (statement.contains("pg_snapshot_xmin")) {
            count(polls);
        } else if (statement.contains("bytes_before")) {
            count(claims);
        } else if (statement.contains("DELETE FROM dualwrite.outbox_entry")) {
            count(settles);
        }
    }

    private void count(AtomicInteger kind) {
        kind.incrementAndGet();
        last = System.nanoTime();
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    if (method.getName().equals("prepareStatement")) {
                        asked(args[0].toString());
                    }
                    try {
                        return method.invoke(connection, args);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                });
    }
}
