package dev.dualwrite.relay.chaos;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Threads that change aggregates of the primary all the time, as services do, and survive whatever happens to it. */
final class Writers implements AutoCloseable {

    private static final int AGGREGATES = Ledger.AGGREGATES - Ledger.OF_LONG_TRANSACTIONS;
    private static final int THREADS = 3;

    private final HikariDataSource pool;
    private final Ledger ledger;
    private final Pace pace;
    private final Duration interval;
    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    Writers(HikariDataSource pool, Ledger ledger, Pace pace, int perSecond) {
        this.pool = pool;
        this.ledger = ledger;
        this.pace = pace;
        this.interval = Duration.ofSeconds(1).multipliedBy(THREADS).dividedBy(perSecond);
    }

    void start(long seed) {
        for (int i = 0; i < THREADS; i++) {
            var random = new Random(seed + i);
            var thread = new Thread(() -> write(random), "writer-" + i);
            thread.start();
            threads.add(thread);
        }
    }

    void stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** Writes each aggregate once more, so that a change that a failover lost does not stay at the secondary. */
    void writeAll(Random random) throws SQLException {
        for (int id = 1; id <= Ledger.AGGREGATES; id++) {
            transaction(List.of(id), random, Ending.COMMIT);
        }
    }

    Connection begin() throws SQLException {
        return pool.getConnection();
    }

    String counts() {
        return "committed=" + committed + " failed=" + failed;
    }

    long committed() {
        return committed.get();
    }

    private enum Ending {
        COMMIT,
        COMMIT_LATE,
        ROLLBACK
    }

    private void write(Random random) {
        long next = System.nanoTime();
        while (!stopped) {
            try {
                transaction(aggregates(random), random, ending(random));
            } catch (SQLException | RuntimeException e) {
                // A service would report it to its user, who would try again.
                failed.incrementAndGet();
            }
            next = Math.max(next + interval.toNanos(), System.nanoTime() - interval.toNanos());
            pace.pause(Duration.ofNanos(next - System.nanoTime()));
        }
    }

    private void transaction(List<Integer> ids, Random random, Ending ending) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            ledger.write(connection, ids, () -> random.nextInt(4) == 0);
            if (ending == Ending.ROLLBACK) {
                connection.rollback();
                return;
            }
            if (ending == Ending.COMMIT_LATE) {
                pace.pause(Duration.ofMillis(300));
            }
            connection.commit();
            committed.incrementAndGet();
        }
    }

    private static List<Integer> aggregates(Random random) {
        int count = random.nextInt(6) == 0 ? 2 + random.nextInt(3) : 1;
        // Sorted: two services would deadlock else, and that is their own affair.
        return IntStream.generate(() -> 1 + random.nextInt(AGGREGATES))
                .distinct()
                .limit(count)
                .sorted()
                .boxed()
                .toList();
    }

    private static Ending ending(Random random) {
        int drawn = random.nextInt(100);
        return drawn < 10 ? Ending.ROLLBACK : drawn < 12 ? Ending.COMMIT_LATE : Ending.COMMIT;
    }

    @Override
    public void close() throws InterruptedException {
        stop();
        pool.close();
    }
}
