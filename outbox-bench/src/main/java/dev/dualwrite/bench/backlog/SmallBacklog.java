package dev.dualwrite.bench.backlog;

import dev.dualwrite.bench.backlog.Draining.Drained;
import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Metric;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A small backlog that is drained to its last entry, again and again, until as much is through as in the slice of a large one.
 *
 * <p>Only the time from the begin of the first apply to the last settle counts, each time: what a relay needs until it notices
 * and has claimed first would make the small one look slow. That is hard on the large ones, whose slices contain every
 * claim, so the rate with the first claims is kept, too.
 */
final class SmallBacklog implements Contender {

    private final String name;
    private final Backlog backlog;
    private final Draining relay;
    private final int size;
    private final int times;
    private double entriesFromWake;
    private double nanosFromWake;

    SmallBacklog(String name, Backlog backlog, Draining relay, Extent extent) {
        this.name = name;
        this.backlog = backlog;
        this.relay = relay;
        this.size = extent.size();
        this.times = Math.max(1, extent.entries() / extent.size());
    }

    /** Entries of one backlog, and of all that are one measurement. */
    record Extent(int size, int entries) {}

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<Metric, Double> measure() throws Exception {
        long entries = 0;
        long nanos = 0;
        for (int i = 0; i < times; i++) {
            relay.arm(size);
            backlog.append(size);
            long woken = System.nanoTime();
            relay.wake();
            Drained drained = relay.drained();
            long applied = System.nanoTime();
            backlog.awaitSettled(size);
            long settled = System.nanoTime();
            entries += drained.entries();
            nanos += drained.nanos() + settled - applied;
            nanosFromWake += settled - woken;
        }
        entriesFromWake += entries;
        relay.rest();
        return Map.of(Metric.ENTRIES_PER_SECOND, entries * (double) TimeUnit.SECONDS.toNanos(1) / nanos);
    }

    /** Entries a second of all measurements so far, the first claim of each backlog included. */
    double rateFromWake() {
        return entriesFromWake * TimeUnit.SECONDS.toNanos(1) / nanosFromWake;
    }

    /** Nothing was lost. */
    void verify() throws Exception {
        backlog.verify(relay.rest());
    }
}
