package dev.dualwrite.relay.notify;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.jdbc.WakeUpChannel;
import dev.dualwrite.relay.internal.RelayLog;
import dev.dualwrite.relay.internal.RelayThreads;
import dev.dualwrite.relay.retry.Backoff;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Listens for the NOTIFY of other processes and wakes the relay: on a thread and a connection of its own, which it takes from
 * the relay's pool and keeps. Thread-safe; started and stopped once.
 *
 * <p>It is an improvement only: while it cannot listen, or hears nothing behind a pooler in transaction mode, the relay polls.
 */
public final class NotifyListener {

    /** Guessed: a primary that restarts is back within seconds, and polling goes on meanwhile. */
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(30));

    /** A wire that fell silent is noticed within so much of a lease, and the time for the answer. */
    private static final int LOOKS_PER_LEASE = 2;

    private static final int ANSWER_SECONDS = 5;

    private final String primary;
    private final DataSource connections;
    private final WakeUpChannel channel;
    private final Duration look;
    private final Runnable wake;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile @Nullable Connection listening;
    private int failures;

    /**
     * A listener that is not started.
     *
     * @param primary its name, for the log and the thread
     * @param connections one is kept
     * @param lease the relay's: the wire is looked at at least once in it
     * @param wake called on the listener's thread; must return at once
     */
    public NotifyListener(
            String primary, DataSource connections, WakeUpChannel channel, Duration lease, Runnable wake) {
        this.primary = primary;
        this.connections = connections;
        this.channel = channel;
        this.look = lease.dividedBy(LOOKS_PER_LEASE);
        this.wake = wake;
        this.thread = RelayThreads.single("notify-" + primary, this::run);
    }

    public void start() {
        thread.start();
    }

    /** Ends the thread and gives up its connection. */
    public void stop() throws InterruptedException {
        stopping.countDown();
        thread.interrupt();
        Connection waiting = listening;
        if (waiting != null) {
            // The read would wait for half a lease, and does not hear an interrupt.
            abort(waiting);
        }
        thread.join(look.toMillis() + TimeUnit.SECONDS.toMillis(ANSWER_SECONDS));
    }

    private void run() {
        while (isRunning()) {
            try (Connection pooled = connections.getConnection()) {
                listen(pooled);
            } catch (SQLException | RuntimeException e) {
                // The loop boundary: whatever it was, a new connection listens again.
                pause(e);
            }
        }
    }

    private void listen(Connection pooled) throws SQLException {
        // Past the pool's wrapper, which would warn, with a stack trace, of a session that our own stop ends.
        Connection connection = pooled.unwrap(Connection.class);
        PGConnection session = pooled.unwrap(PGConnection.class);
        listening = connection;
        try {
            channel.listen(connection);
            if (failures > 0) {
                RelayLog.listening(primary);
                failures = 0;
            }
            // What was sent while nobody listened.
            wake.run();
            while (isRunning()) {
                if (session.getNotifications((int) look.toMillis()).length > 0) {
                    wake.run();
                } else if (!connection.isValid(ANSWER_SECONDS)) {
                    throw new SQLException("the connection does not answer within " + ANSWER_SECONDS + " s", "08006");
                }
            }
        } finally {
            listening = null;
            // A session that listens, or one that is broken, is nothing that the pool should give to others. The pool
            // must know before the session ends, or it warns when it gets the connection back.
            if (connections instanceof HikariDataSource pool) {
                pool.evictConnection(pooled);
            }
            abort(connection);
        }
    }

    private void pause(Exception failure) {
        if (!isRunning()) {
            return;
        }
        failures++;
        Duration pause = BACKOFF.after(failures, random);
        if (failures == 1) {
            RelayLog.notListening(primary, pause, failure);
        } else {
            RelayLog.stillNotListening(primary, pause, failure);
        }
        try {
            stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            // Only stop() interrupts this thread, and it has said so before.
            Thread.currentThread().interrupt();
        }
    }

    private boolean isRunning() {
        return stopping.getCount() > 0;
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It is gone already, and that is what was wanted.
        }
    }
}
