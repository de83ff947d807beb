package dev.dualwrite.bench.backlog;

import dev.dualwrite.bench.backlog.Draining.Drained;
import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Metric;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One slice of a backlog at a time: its sink is resumed, a number of entries drained, and paused again, so that others can be
 * measured in between while their backlogs stay as they are.
 */
final class Slice implements Contender {

    private final String name;
    private final Backlog backlog;
    private final Draining relay;
    private final int entries;
    private final boolean appends;
    private long longestPauseNanos;

    private Slice(String name, Backlog backlog, Draining relay, int entries, boolean appends) {
        this.name = name;
        this.backlog = backlog;
        this.relay = relay;
        this.entries = entries;
        this.appends = appends;
    }

    /** Takes each slice from a paused backlog that is larger than all of them. */
    static Slice of(String name, Backlog backlog, Draining relay, int entries) {
        return new Slice(name, backlog, relay, entries, false);
    }

    /** Appends each slice to a paused backlog that is empty, and drains it to the last entry. */
    static Slice appendedTo(String name, Backlog backlog, Draining relay, int entries) {
        return new Slice(name, backlog, relay, entries, true);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<Metric, Double> measure() throws Exception {
        if (appends) {
            backlog.append(entries);
        }
        relay.arm(entries);
        backlog.resume();
        relay.wake();
        Drained drained = relay.drained();
        backlog.pause();
        relay.wake();
        relay.rest();
        longestPauseNanos = Math.max(longestPauseNanos, drained.longestPauseNanos());
        return Map.of(
                Metric.ENTRIES_PER_SECOND, drained.entries() * (double) TimeUnit.SECONDS.toNanos(1) / drained.nanos());
    }

    /** Of all slices so far. */
    double longestPauseMillis() {
        return longestPauseNanos / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    /** Nothing was lost. */
    void verify() throws Exception {
        backlog.verify(relay.rest());
    }
}
