package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.relay.internal.RelayLog;
import dev.dualwrite.relay.internal.RelayThreads;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sinks of a relay with the threads that call them, and which lanes those threads are busy with. Thread-safe. */
final class Workers {

    private final Map<Short, SinkState> sinks = new LinkedHashMap<>();
    private final ScheduledExecutorService alarms = RelayThreads.alarms("watchdog");
    private final Map<Lane, Long> runningSince = new ConcurrentHashMap<>();
    private final Consumer<Error> broken;

    /** Workers that do nothing yet; {@code broken} is told of an error that ended a thread. */
    Workers(Collection<ConfiguredSink> configured, int workersPerSink, Consumer<Error> broken) {
        this.broken = broken;
        for (ConfiguredSink sink : configured) {
            var timed = new TimedSink(sink.sink(), sink.timeout(), alarms);
            sinks.put(
                    sink.id(),
                    new SinkState(sink.withSink(timed), RelayThreads.pool("sink-" + sink.name(), workersPerSink)));
        }
    }

    /** What a worker does with a lane; absent if there was nothing to do. */
    @FunctionalInterface
    interface Work {
        LaneWorker.@Nullable Result with(ConfiguredSink sink) throws InterruptedException;
    }

    /** How a batch ended; called on the worker's thread, when the lane is not running any more. */
    interface Ending {
        void ended(LaneWorker.@Nullable Result result);

        void broken();
    }

    SinkState sinkOf(LaneState lane) {
        SinkState sink = sinks.get(lane.right.lane().sinkId());
        if (sink == null) {
            throw new IllegalStateException("lane " + lane.right.lane() + " is of no sink of this relay");
        }
        return sink;
    }

    /** Whether a worker is inside a batch of the lane, also of one that was lost meanwhile. */
    boolean isRunning(Lane lane) {
        return runningSince.containsKey(lane);
    }

    /** How long a worker has been inside a batch of a lane, in nanoseconds; 0 if none is. */
    long runningNanos(Lane lane) {
        Long since = runningSince.get(lane);
        return since == null ? 0 : System.nanoTime() - since;
    }

    void submit(LaneState lane, Work work, Ending ending) {
        SinkState sink = sinkOf(lane);
        sink.workers.execute(() -> {
            if (!lane.lost) {
                run(lane, work, sink, ending);
            }
        });
    }

    private void run(LaneState lane, Work work, SinkState sink, Ending ending) {
        Lane key = lane.right.lane();
        Runnable note = ending::broken;
        runningSince.put(key, System.nanoTime());
        try {
            LaneWorker.Result result = work.with(sink.sink);
            note = () -> ending.ended(result);
        } catch (InterruptedException e) {
            // From the pool's end, or from a sink that gives up by itself; the pool looks after its own flag.
            RelayLog.batchInterrupted(key.toString());
        } catch (OutboxStoreException e) {
            RelayLog.claimFailed(Duration.ZERO, e);
        } catch (RuntimeException e) {
            RelayLog.batchFailed(key.toString(), e);
        } catch (Error e) {
            broken.accept(e);
            throw e;
        } finally {
            // Before the note: the claim thread passes over lanes that run.
            runningSince.remove(key);
        }
        note.run();
    }

    /** Lets batches end until then, interrupts the others; whether all ended. */
    boolean stop(long deadlineNanos) throws InterruptedException {
        boolean inTime = true;
        sinks.values().forEach(sink -> sink.workers.shutdown());
        try {
            for (SinkState sink : sinks.values()) {
                long left = Math.max(0, deadlineNanos - System.nanoTime());
                inTime &= sink.workers.awaitTermination(left, TimeUnit.NANOSECONDS);
            }
        } finally {
            sinks.values().forEach(sink -> sink.workers.shutdownNow());
            alarms.shutdownNow();
        }
        return inTime;
    }
}
