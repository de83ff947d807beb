package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.internal.RelayLog;
import dev.dualwrite.relay.internal.RelayThreads;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sinks of a relay with the threads that call them and those that settle, and which lanes are at their sink. Thread-safe,
 * but for the {@link SinkState}s.
 */
final class Workers {

    private final Map<Short, SinkState> sinks = new LinkedHashMap<>();
    private final ScheduledExecutorService alarms = RelayThreads.alarms("watchdog");
    private final Calls applies = new Calls();
    private final Calls settles = new Calls();
    private final int workersPerSink;
    private final Consumer<Error> broken;

    /** Workers that do nothing yet; {@code broken} is told of an error that ended a thread. */
    Workers(Collection<ConfiguredSink> configured, int workersPerSink, Consumer<Error> broken) {
        this.broken = broken;
        this.workersPerSink = workersPerSink;
        for (ConfiguredSink sink : configured) {
            var pools = new SinkState.Pools(
                    RelayThreads.pool("sink-" + sink.name(), workersPerSink),
                    RelayThreads.pool("settle-" + sink.name(), workersPerSink));
            var timed = new TimedSink(NoReferences.around(sink.sink()), sink.timeout(), alarms);
            sinks.put(sink.id(), new SinkState(sink, timed, pools, workersPerSink));
        }
    }

    /** What a worker does with a lane. */
    @FunctionalInterface
    interface Work<T> {
        T with(ConfiguredSink sink) throws InterruptedException;
    }

    Collection<SinkState> sinks() {
        return sinks.values();
    }

    /** How many threads call each sink. */
    int perSink() {
        return workersPerSink;
    }

    SinkState sinkOf(LaneState lane) {
        SinkState sink = sinks.get(lane.right.lane().sinkId());
        if (sink == null) {
            throw new IllegalStateException("lane " + lane.right.lane() + " is of no sink of this relay");
        }
        return sink;
    }

    /** Whether the sink is being called for the lane, also for a batch of before it was lost. */
    boolean isRunning(Lane lane) {
        return applies.any(lane);
    }

    /**
     * Whether work for the lane gets on: false if a call or a settle of it lasts that long, and if all threads of its sink hang
     * for that long, so that what waits for them waits for ever.
     */
    boolean getsOn(Lane lane, long patienceNanos) {
        return !applies.hangs(lane, patienceNanos)
                && !settles.hangs(lane, patienceNanos)
                && applies.hanging(lane.sinkId(), patienceNanos) < workersPerSink
                && settles.hanging(lane.sinkId(), patienceNanos) < workersPerSink;
    }

    /**
     * Calls the sink on one of its threads.
     *
     * @param ended called on that thread when the lane is not running any more; with nothing if the work was broken off
     */
    <T> void apply(LaneState lane, Work<T> work, Consumer<@Nullable T> ended) {
        SinkState sink = sinkOf(lane);
        Lane key = lane.right.lane();
        execute(sink.appliers, () -> {
            if (lane.lost) {
                return;
            }
            Calls.Call call = applies.begin(key);
            T result;
            try {
                Sink called = sink.timed.reporting(call::getsOn);
                result = run(key, work, sink.sink.with(called));
            } finally {
                // Before the note: the claim thread passes over lanes that run.
                applies.end(call);
            }
            ended.accept(result);
        });
    }

    /** The same for work that does not call the sink, on a thread of its own. */
    <T> void settle(LaneState lane, Work<T> work, Consumer<@Nullable T> ended) {
        SinkState sink = sinkOf(lane);
        Lane key = lane.right.lane();
        execute(sink.settlers, () -> {
            Calls.Call call = settles.begin(key);
            T result;
            try {
                result = run(key, work, sink.sink);
            } finally {
                settles.end(call);
            }
            ended.accept(result);
        });
    }

    private void execute(ExecutorService pool, Runnable work) {
        try {
            pool.execute(work);
        } catch (RejectedExecutionException e) {
            // The relay stops: what is not applied or settled is claimed again by the next holder.
            RelayLog.batchInterrupted(e.getClass().getSimpleName());
        }
    }

    private <T> @Nullable T run(Lane lane, Work<T> work, ConfiguredSink sink) {
        try {
            return work.with(sink);
        } catch (InterruptedException e) {
            // From the pool's end, or from a sink that gives up by itself; the pool looks after its own flag.
            RelayLog.batchInterrupted(lane.toString());
        } catch (OutboxStoreException e) {
            RelayLog.settleFailed(lane.toString(), e);
        } catch (RuntimeException e) {
            RelayLog.batchFailed(lane.toString(), e);
        } catch (Error e) {
            broken.accept(e);
            throw e;
        }
        return null;
    }

    /** Interrupts whatever runs, and ends the threads. */
    void abandon() {
        for (SinkState sink : sinks.values()) {
            sink.appliers.shutdownNow();
            sink.settlers.shutdownNow();
        }
        alarms.shutdownNow();
    }

    /** Waits for threads that were abandoned; whether all ended. */
    boolean await(long deadlineNanos) throws InterruptedException {
        boolean ended = true;
        for (SinkState sink : sinks.values()) {
            long left = Math.max(0, deadlineNanos - System.nanoTime());
            ended &= sink.appliers.awaitTermination(left, TimeUnit.NANOSECONDS);
            ended &= sink.settlers.awaitTermination(left, TimeUnit.NANOSECONDS);
        }
        return ended;
    }
}
