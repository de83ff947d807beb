package dev.dualwrite.testkit;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.net.SocketException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/** The faults that have a name. Each is immutable; what they do is said at {@link Fault}. */
final class Faults {

    private Faults() {}

    record None() implements Fault {
        @Override
        public List<ApplyResult> apply(Sink sink, List<ClaimedEntry> entries) throws Exception {
            return sink.apply(entries);
        }

        @Override
        public String toString() {
            return "None";
        }
    }

    record ThrowOnApply(Supplier<? extends Exception> failure) implements Fault {
        @Override
        public List<ApplyResult> apply(Sink sink, List<ClaimedEntry> entries) throws Exception {
            throw failure.get();
        }

        @Override
        public String toString() {
            return "ThrowOnApply";
        }
    }

    record HangOnApply(CountDownLatch end) implements Fault {
        @Override
        public List<ApplyResult> apply(Sink sink, List<ClaimedEntry> entries) throws Exception {
            end.await();
            return sink.apply(entries);
        }

        @Override
        public String toString() {
            return "HangOnApply";
        }
    }

    record HangDeafOnApply(CountDownLatch end) implements Fault {
        @Override
        public List<ApplyResult> apply(Sink sink, List<ClaimedEntry> entries) throws Exception {
            if (awaitDeaf()) {
                Thread.currentThread().interrupt();
            }
            return sink.apply(entries);
        }

        /** Whether an interrupt came meanwhile. */
        private boolean awaitDeaf() {
            boolean interrupted = false;
            while (true) {
                try {
                    end.await();
                    return interrupted;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }

        @Override
        public String toString() {
            return "HangDeafOnApply";
        }
    }

    record Throttle(Duration delay) implements Fault {
        @Override
        public List<ApplyResult> apply(Sink sink, List<ClaimedEntry> entries) throws Exception {
            // A latch that nobody opens: a wait of known length that an interrupt ends.
            boolean opened = new CountDownLatch(1).await(delay.toNanos(), NANOSECONDS);
            if (opened) {
                throw new AssertionError("a latch of one's own was opened by somebody else");
            }
            return sink.apply(entries);
        }

        @Override
        public String toString() {
            return "Throttle " + delay;
        }
    }

    record DeferAll(Duration delay) implements Fault {
        @Override
        public List<ApplyResult> apply(Sink sink, List<ClaimedEntry> entries) {
            return Collections.nCopies(entries.size(), ApplyResult.deferred(delay));
        }

        @Override
        public String toString() {
            return "DeferAll " + delay;
        }
    }

    record LoseReply() implements Fault {
        @Override
        public List<ApplyResult> apply(Sink sink, List<ClaimedEntry> entries) throws Exception {
            List<ApplyResult> lost = sink.apply(entries);
            throw new SocketException("the fault LoseReply lost the results of " + lost.size() + " entries");
        }

        @Override
        public String toString() {
            return "LoseReply";
        }
    }

    record ApplyHalfThenThrow(Supplier<? extends Exception> failure) implements Fault {
        @Override
        public List<ApplyResult> apply(Sink sink, List<ClaimedEntry> entries) throws Exception {
            List<ApplyResult> lost = sink.apply(entries.subList(0, (entries.size() + 1) / 2));
            Exception thrown = failure.get();
            thrown.addSuppressed(new IllegalStateException("the fault ApplyHalfThenThrow applied " + lost.size()
                    + " of " + entries.size() + " entries before"));
            throw thrown;
        }

        @Override
        public String toString() {
            return "ApplyHalfThenThrow";
        }
    }
}
