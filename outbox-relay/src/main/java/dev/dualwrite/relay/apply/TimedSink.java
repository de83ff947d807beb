package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A sink whose calls are interrupted when they take longer than their timeout; that is a failure of the store. Thread-safe. A
 * call that ignores the interrupt goes on: its lane is then not renewed, and not taken again here before it returns.
 */
final class TimedSink implements Sink {

    private final Sink sink;
    private final Duration timeout;
    private final ScheduledExecutorService watchdog;

    TimedSink(Sink sink, Duration timeout, ScheduledExecutorService watchdog) {
        this.sink = sink;
        this.timeout = timeout;
        this.watchdog = watchdog;
    }

    /** The same, and somebody hears of each call before it is made: the sign that a long bisection gets on. */
    Sink reporting(Runnable call) {
        return new Sink() {
            @Override
            public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
                call.run();
                return TimedSink.this.apply(entries);
            }

            @Override
            public boolean keepsEveryEntry() {
                return sink.keepsEveryEntry();
            }

            @Override
            public boolean takesEncodedPayloads() {
                return sink.takesEncodedPayloads();
            }
        };
    }

    @Override
    public boolean keepsEveryEntry() {
        return sink.keepsEveryEntry();
    }

    @Override
    public boolean takesEncodedPayloads() {
        return sink.takesEncodedPayloads();
    }

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
        var call = new Call(Thread.currentThread());
        Future<?> alarm = watchdog.schedule(call::interrupt, timeout.toMillis(), TimeUnit.MILLISECONDS);
        try {
            return sink.apply(entries);
        } catch (Exception e) {
            if (call.end()) {
                var timedOut = new TimeoutException(
                        "sink did not answer within " + timeout + " for " + entries.size() + " entries");
                timedOut.initCause(e);
                throw timedOut;
            }
            throw e;
        } finally {
            call.end();
            alarm.cancel(false);
        }
    }

    /** One call: interrupted at most while it lasts, so that the thread's next work is not hit. */
    private static final class Call {
        private final Thread thread;
        private boolean ended;
        private boolean interrupted;

        Call(Thread thread) {
            this.thread = thread;
        }

        synchronized void interrupt() {
            if (!ended) {
                interrupted = true;
                thread.interrupt();
            }
        }

        /** Whether the call was interrupted; the first time, takes the interrupt back. */
        synchronized boolean end() {
            if (!ended && interrupted) {
                Thread.interrupted();
            }
            ended = true;
            return interrupted;
        }
    }
}
