package dev.dualwrite.bench.latency;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Eight threads that write at a fixed rate altogether, in an open loop: each has its own schedule, and a write that is late does not
 * put off the next one. Within its interval each write is due at a random time, so that writes meet as they do in life; the
 * schedule is the same in every run.
 */
final class Writers implements AutoCloseable {

    static final int WRITERS = 8;

    private static final long SEED = 4711;

    private final ExecutorService threads = Executors.newFixedThreadPool(WRITERS);

    /** Writes every order of the slice; answers how many a second were written. Blocks until all are. */
    double write(Way way, Slice slice, int perSecond) throws Exception {
        long begin = System.nanoTime();
        var writing = new ArrayList<Callable<Void>>();
        for (int writer = 0; writer < WRITERS; writer++) {
            int own = writer;
            writing.add(() -> {
                write(way, slice, new Schedule(begin, perSecond, own));
                return null;
            });
        }
        List<Future<Void>> written = threads.invokeAll(writing);
        for (Future<Void> one : written) {
            one.get();
        }
        return slice.entries() / ((System.nanoTime() - begin) / (double) TimeUnit.SECONDS.toNanos(1));
    }

    /** When what is due, for one of the writers. */
    private record Schedule(long beginNanos, int perSecond, int writer) {
        long dueNanos(int turn, Random random) {
            double interval = (double) TimeUnit.SECONDS.toNanos(WRITERS) / perSecond;
            return beginNanos + (long) ((turn + random.nextDouble()) * interval);
        }
    }

    private static void write(Way way, Slice slice, Schedule schedule) throws Exception {
        var random = new Random(SEED + schedule.writer());
        for (int i = schedule.writer(); i < slice.entries(); i += WRITERS) {
            long due = schedule.dueNanos(i / WRITERS, random);
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            long order = slice.first() + i;
            slice.committed(order, way.write(order));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
