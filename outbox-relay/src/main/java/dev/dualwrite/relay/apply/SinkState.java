package dev.dualwrite.relay.apply;

import dev.dualwrite.relay.internal.RelayLog;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.random.RandomGenerator;

/** A sink of this relay: its workers, and whether it pauses after a failure of its store. Confined to the claim thread. */
final class SinkState {

    final ConfiguredSink sink;
    final ExecutorService workers;

    private int failuresInARow;
    private long pausedUntilNanos;

    SinkState(ConfiguredSink sink, ExecutorService workers) {
        this.sink = sink;
        this.workers = workers;
    }

    boolean isPaused(long nowNanos) {
        return failuresInARow > 0 && nowNanos - pausedUntilNanos < 0;
    }

    void storeFailed(Exception failure, long nowNanos, RandomGenerator random) {
        if (isPaused(nowNanos)) {
            return; // another lane's batch that was under way; one outage counts once
        }
        failuresInARow++;
        Duration pause = sink.backoff().after(failuresInARow, random);
        pausedUntilNanos = nowNanos + pause.toNanos();
        if (failuresInARow == 1) {
            RelayLog.sinkPaused(sink.name(), pause, failure);
        } else {
            RelayLog.sinkStillPaused(sink.name(), pause, failure);
        }
    }

    void storeWorked() {
        if (failuresInARow > 0) {
            failuresInARow = 0;
            RelayLog.sinkResumed(sink.name());
        }
    }
}
