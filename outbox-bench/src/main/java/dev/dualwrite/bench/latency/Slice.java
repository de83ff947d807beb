package dev.dualwrite.bench.latency;

import dev.dualwrite.bench.store.Orders;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The entries of one measurement: when each was committed at the primary, and when the secondary's commit of it was known.
 * Thread-safe.
 */
final class Slice {

    /** So much of it, from its beginning, only warms the path up. Whatever comes behind counts, however long it took. */
    private static final double WARM_UP = 0.2;

    private static final double MICROS_PER_MILLI = TimeUnit.MILLISECONDS.toMicros(1);

    private final long first;
    private final Map<String, Integer> indexes = new HashMap<>();
    private final AtomicLongArray committed;
    private final AtomicLongArray visible;
    private final CountDownLatch missing;

    /** Entries from the first number on; they are due in the order of their numbers. */
    Slice(long first, int entries) {
        this.first = first;
        this.committed = new AtomicLongArray(entries);
        this.visible = new AtomicLongArray(entries);
        this.missing = new CountDownLatch(entries);
        for (int i = 0; i < entries; i++) {
            indexes.put(Orders.order(first + i).id(), i);
        }
    }

    long first() {
        return first;
    }

    int entries() {
        return visible.length();
    }

    void committed(long number, long micros) {
        committed.set((int) (number - first), micros);
    }

    /** What is applied again was visible before: the first time counts, and orders of slices before this one do not. */
    void visible(String id, long micros) {
        Integer index = indexes.get(id);
        if (index != null && visible.compareAndSet(index, 0, micros)) {
            missing.countDown();
        }
    }

    /** Waits until every entry arrived. */
    void await(Duration patience) throws InterruptedException {
        if (!missing.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException(
                    missing.getCount() + " of " + entries() + " entries did not arrive within " + patience);
        }
    }

    /** From commit to commit, in milliseconds, ascending; without the warm-up. */
    double[] latencies() {
        int from = (int) (entries() * WARM_UP);
        double[] millis = new double[entries() - from];
        for (int i = from; i < entries(); i++) {
            millis[i - from] = (visible.get(i) - committed.get(i)) / MICROS_PER_MILLI;
        }
        Arrays.sort(millis);
        return millis;
    }
}
