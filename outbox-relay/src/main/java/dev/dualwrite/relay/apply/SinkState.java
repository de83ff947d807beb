package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.ClaimStore;
import dev.dualwrite.relay.internal.RelayLog;
import dev.dualwrite.relay.retry.FailureClassifier;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A sink of this relay: its workers, its breaker, and whether a person pauses it. Confined to the claim thread, except {@link
 * #tripped()}.
 */
final class SinkState {

    /** One that is applied, and one that waits: a worker never waits for a claim. */
    private static final int LANES_PER_WORKER = 2;

    final ConfiguredSink sink;
    final TimedSink timed;
    final ExecutorService appliers;
    final ExecutorService settlers;

    /** The threads that call the sink, and those that settle. */
    record Pools(ExecutorService appliers, ExecutorService settlers) {}

    private final int lanes;
    private final Breaker breaker;
    private volatile @Nullable OpenBreaker tripped;
    private boolean paused;
    private long successes;

    SinkState(ConfiguredSink sink, TimedSink timed, Pools pools, int workers) {
        this.sink = sink;
        this.timed = timed;
        this.appliers = pools.appliers();
        this.settlers = pools.settlers();
        this.lanes = lanes(workers);
        this.breaker = new Breaker(sink.retry().backoff());
    }

    /** How many lanes so many workers keep at work. */
    static int lanes(int workers) {
        return workers * LANES_PER_WORKER;
    }

    /** How many lanes may have work under way: what waits for a worker waits in the database, not in memory. */
    int capacity(long nowNanos) {
        if (paused || breaker.isOpen(nowNanos)) {
            return 0;
        }
        return breaker.isClosed() ? lanes : 1;
    }

    /** Whether batches may be claimed ahead. */
    boolean worksWell() {
        return !paused && breaker.isClosed();
    }

    /** Why the breaker is not closed; absent if it is. Thread-safe. */
    @Nullable
    OpenBreaker tripped() {
        return tripped;
    }

    /** How many batches have worked; rises. */
    long successes() {
        return successes;
    }

    void pausedByPerson(ClaimStore.@Nullable Pause pause) {
        boolean now = pause != null;
        if (paused == now) {
            return;
        }
        paused = now;
        if (pause != null) {
            RelayLog.sinkPaused(sink.name(), pause.by(), pause.reason());
        } else {
            RelayLog.sinkResumed(sink.name());
        }
    }

    /** How long a lane rests after so many store failures in a row. */
    Duration pauseAfter(int failures, RandomGenerator random) {
        return breaker.pauseAfter(failures, random);
    }

    /** Whether the breaker opened. */
    boolean storeFailed(Exception failure, long begunNanos, long nowNanos, RandomGenerator random) {
        Optional<Duration> pause = breaker.failed(begunNanos, nowNanos, random);
        if (pause.isEmpty()) {
            return false;
        }
        Throwable root = FailureClassifier.rootOf(failure);
        OpenBreaker before = tripped;
        tripped = new OpenBreaker(
                root.getClass().getName() + ": " + FailureClassifier.messageOf(root),
                before == null ? nowNanos : before.sinceNanos());
        if (breaker.failures() == 1) {
            RelayLog.sinkTripped(sink.name(), pause.get(), failure);
        } else {
            RelayLog.sinkStillTripped(sink.name(), pause.get(), failure);
        }
        return true;
    }

    /** Whether the breaker closed. */
    boolean storeWorked(long begunNanos) {
        successes++;
        if (breaker.worked(begunNanos)) {
            tripped = null;
            RelayLog.sinkRecovered(sink.name());
            return true;
        }
        return false;
    }
}
