package dev.dualwrite.bench.backlog;

import dev.dualwrite.bench.backlog.Draining.Drained;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Counts and times what goes to a sink: two short locks a batch. Thread-safe. */
final class Meter implements Sink {

    /** Longer than a claim takes: then nothing follows any more. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** Far more than any slice takes; a relay that hangs must not hang the benchmark. */
    private static final long PATIENCE_NANOS = Duration.ofMinutes(4).toNanos();

    private final Sink sink;
    private volatile boolean keeping = true;

    private long wanted;
    private long done;
    private long begun;
    private long ended = System.nanoTime();
    private long longestPause;
    private int active;
    private @Nullable Drained drained;

    Meter(Sink sink) {
        this.sink = sink;
    }

    /** Whether entries reach the sink; else they only pass through the outbox. */
    void keep(boolean on) {
        keeping = on;
    }

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
        begin();
        int applied = 0;
        try {
            List<ApplyResult> results =
                    keeping ? sink.apply(entries) : Collections.nCopies(entries.size(), ApplyResult.applied());
            applied = entries.size();
            return results;
        } finally {
            end(applied);
        }
    }

    private synchronized void begin() {
        if (done == 0 && active == 0) {
            begun = System.nanoTime();
            ended = begun;
        }
        active++;
    }

    private synchronized void end(int applied) {
        long now = System.nanoTime();
        longestPause = Math.max(longestPause, now - ended);
        ended = now;
        active--;
        done += applied;
        if (drained == null && done >= wanted) {
            drained = new Drained(done, now - begun, longestPause);
        }
        notifyAll();
    }

    synchronized void arm(long entries) {
        if (active > 0) {
            throw new IllegalStateException("the sink is being called " + active + " times, must be at rest");
        }
        wanted = entries;
        done = 0;
        longestPause = 0;
        drained = null;
    }

    synchronized Drained drained() throws InterruptedException {
        long giveUpAt = System.nanoTime() + PATIENCE_NANOS;
        while (drained == null) {
            if (System.nanoTime() - giveUpAt > 0) {
                throw new IllegalStateException(
                        "the relay applied " + done + " of " + wanted + " entries and then no more; see its log");
            }
            TimeUnit.NANOSECONDS.timedWait(this, QUIET_NANOS);
        }
        return drained;
    }

    synchronized void rest() throws InterruptedException {
        while (active > 0 || System.nanoTime() - ended < QUIET_NANOS) {
            TimeUnit.NANOSECONDS.timedWait(this, QUIET_NANOS);
        }
    }
}
