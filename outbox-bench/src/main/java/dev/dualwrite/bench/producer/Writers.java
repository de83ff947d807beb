package dev.dualwrite.bench.producer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Threads that run one transaction after the other, each with a number of its own. Not thread-safe. */
final class Writers implements AutoCloseable {

    private final int threads;
    private final ExecutorService executor;
    private final AtomicLong numbers = new AtomicLong();

    Writers(int threads) {
        this.threads = threads;
        this.executor = Executors.newFixedThreadPool(threads);
    }

    /**
     * Runs transactions for so long, at least one on each thread; blocks until the last has ended.
     *
     * @return how many
     */
    long run(Duration time, Shop.Work work) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        Callable<Long> writer = () -> {
            long done = 0;
            do {
                work.run(numbers.getAndIncrement());
                done++;
            } while (System.nanoTime() < end);
            return done;
        };
        List<Callable<Long>> writers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            writers.add(writer);
        }
        long done = 0;
        for (Future<Long> writing : executor.invokeAll(writers)) {
            done += writing.get();
        }
        return done;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
