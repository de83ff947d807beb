package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.jdbc.WakeUpChannel;
import dev.dualwrite.outbox.spi.CommitListener;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends a NOTIFY after commits with entries, so that relays in other processes need not wait for their next poll. Thread-safe.
 *
 * <p>On a connection and a thread of its own, never inside the business transaction: there the NOTIFY would take a lock of the
 * whole database at the commit. The first commit is notified at once, then at most one NOTIFY is sent in 10 ms, for all commits
 * meanwhile. It is a hint: one that is lost costs a poll interval, and so does a process that stops in those 10 ms.
 */
final class CommitNotifier implements CommitListener, AutoCloseable {

    static final Times TIMES =
            new Times(Duration.ofMillis(10), Duration.ofMinutes(1), Duration.ofMillis(200), Duration.ofMinutes(1));

    private static final int MAX_DOUBLINGS = 20;

    /** The thread is a daemon and ends by itself once a read on a dead wire has timed out. */
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(2);

    private final WakeUpChannel channel;
    private final Supplier<Optional<OwnConnections>> connections;
    private final NearbyRelay relay;
    private final Times times;

    // A semaphore used as a flag: more than one permit means no more than one.
    private final Semaphore committed = new Semaphore(0);
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile boolean started;
    private volatile boolean off;
    private @Nullable Thread thread;
    private boolean closingPool;

    private @Nullable OwnConnections open;
    private int failures;

    /**
     * Its pace. Immutable.
     *
     * @param pause between two that are sent
     * @param idle after so long without a commit the connection is closed
     * @param firstRetry after a failure, doubling with each further one
     * @param lastRetry the longest such wait
     */
    record Times(Duration pause, Duration idle, Duration firstRetry, Duration lastRetry) {}

    /** One whose thread starts with the first commit. Without connections of its own there is no NOTIFY. */
    CommitNotifier(
            WakeUpChannel channel, Supplier<Optional<OwnConnections>> connections, NearbyRelay relay, Times times) {
        this.channel = channel;
        this.connections = connections;
        this.relay = relay;
        this.times = times;
    }

    @Override
    public void committed(int entries) {
        if (off) {
            return;
        }
        if (committed.availablePermits() == 0) {
            committed.release();
        }
        if (!started) {
            start();
        }
    }

    private synchronized void start() {
        if (!started && closing.getCount() > 0) {
            var starting = new Thread(this::run, "outbox-notify");
            // A process must be able to end although nobody closed its context.
            starting.setDaemon(true);
            starting.start();
            thread = starting;
        }
        started = true;
    }

    /** Ends the thread and its connection; what was committed in the last 10 ms is left to polling. */
    @Override
    public void close() throws InterruptedException {
        Thread running;
        synchronized (this) {
            closing.countDown();
            running = thread;
            if (running != null && !closingPool) {
                running.interrupt();
            }
        }
        if (running != null) {
            running.join(LONGEST_CLOSE.toMillis());
        }
    }

    private void run() {
        try {
            while (!off && closing.getCount() > 0) {
                if (committed.tryAcquire(times.idle().toNanos(), TimeUnit.NANOSECONDS)) {
                    // Before the send: a commit from here on may be one that this NOTIFY is too early for.
                    committed.drainPermits();
                    closing.await(send().toNanos(), TimeUnit.NANOSECONDS);
                } else {
                    disconnect();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            disconnect();
        }
    }

    /** Sends one unless nobody needs it; answers how long to wait before the next. */
    private Duration send() {
        if (relay.holdsEveryLane()) {
            return times.pause();
        }
        try {
            Optional<OwnConnections> own = open == null ? connections.get() : Optional.of(open);
            if (own.isEmpty()) {
                off = true;
                NotifyLog.off();
                return Duration.ZERO;
            }
            open = own.get();
            try (Connection connection = open.dataSource().getConnection()) {
                channel.send(connection);
            }
        } catch (SQLException | RuntimeException e) {
            // The loop boundary: a database that is away, a pooler that does not know NOTIFY. Commits do not notice.
            return failed(e);
        }
        if (failures > 0) {
            failures = 0;
            NotifyLog.works();
        }
        return times.pause();
    }

    private Duration failed(Exception failure) {
        // The pool, too: a new one fails at once while the primary is away, an old one only after its timeout.
        disconnect();
        Duration doubled = times.firstRetry().multipliedBy(1L << Math.min(failures, MAX_DOUBLINGS));
        Duration pause = doubled.compareTo(times.lastRetry()) < 0 ? doubled : times.lastRetry();
        if (closing.getCount() > 0) {
            if (failures == 0) {
                NotifyLog.failed(pause, failure);
            } else {
                NotifyLog.stillFailing(pause, failure);
            }
        }
        failures++;
        // Somebody still waits for it.
        committed.release();
        return pause;
    }

    private void disconnect() {
        OwnConnections closed = open;
        open = null;
        if (closed == null) {
            return;
        }
        boolean interrupted = shield(true);
        try {
            closed.close();
        } finally {
            shield(false);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * A pool that is closed under an interrupt warns and leaves its threads behind. So one that came is taken away until the
     * pool is closed, and {@link #close()} sends none meanwhile: the thread looks whether it shall end right afterwards.
     *
     * @return whether there was one
     */
    private synchronized boolean shield(boolean closingPool) {
        this.closingPool = closingPool;
        return closingPool && Thread.interrupted();
    }
}
