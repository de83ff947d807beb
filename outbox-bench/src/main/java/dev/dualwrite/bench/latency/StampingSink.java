package dev.dualwrite.bench.latency;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.util.List;

/** A sink that says which orders are visible now: after the other one has committed. Thread-safe if the listener is. */
final class StampingSink implements Sink {

    private final Sink other;
    private final WallClock clock = new WallClock();
    private final Listener listener;

    /** Told once for each call of the sink. */
    @FunctionalInterface
    interface Listener {
        void visible(List<String> ids, long micros);
    }

    StampingSink(Sink other, Listener listener) {
        this.other = other;
        this.listener = listener;
    }

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
        List<ApplyResult> results = other.apply(entries);
        long micros = clock.micros();
        if (!results.stream().allMatch(ApplyResult.applied()::equals)) {
            throw new IllegalStateException("new orders were not applied: " + results);
        }
        listener.visible(entries.stream().map(entry -> entry.aggregate().id()).toList(), micros);
        return results;
    }
}
