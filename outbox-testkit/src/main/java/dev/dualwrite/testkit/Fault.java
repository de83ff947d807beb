package dev.dualwrite.testkit;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/**
 * Something that goes wrong between a relay and a secondary store, in one call of a sink; {@link FaultySink} puts it there.
 * Those that come from the methods below have their name as text, for the record of a run, and are thread-safe and reusable.
 */
@FunctionalInterface
public interface Fault {

    /**
     * One call of the sink, with the fault in it.
     *
     * @param sink the real one
     * @param entries as the relay gave them
     * @throws Exception of the fault or of the sink
     */
    List<ApplyResult> apply(Sink sink, List<ClaimedEntry> entries) throws Exception;

    /** Nothing goes wrong. */
    static Fault none() {
        return new Faults.None();
    }

    /** The call fails before the store is reached. An exception of I/O stands for the store's fault, others for an entry's. */
    static Fault throwOnApply(Supplier<? extends Exception> failure) {
        return new Faults.ThrowOnApply(failure);
    }

    /**
     * The call hangs before the store is reached, until the latch opens; then the entries go to the store, late. An interrupt
     * ends it with an {@link InterruptedException}.
     */
    static Fault hangOnApply(CountDownLatch end) {
        return new Faults.HangOnApply(end);
    }

    /** Like {@link #hangOnApply}, but deaf: an interrupt is kept for the sink and ends nothing. */
    static Fault hangDeafOnApply(CountDownLatch end) {
        return new Faults.HangDeafOnApply(end);
    }

    /** Each call takes longer by this. An interrupt ends the wait with an {@link InterruptedException}. */
    static Fault throttle(Duration delay) {
        return new Faults.Throttle(delay);
    }

    /** The store is not reached, every entry is deferred. */
    static Fault deferAll(Duration delay) {
        return new Faults.DeferAll(delay);
    }

    /** The store applies the batch, and the connection breaks before its answer arrives ({@link java.net.SocketException}). */
    static Fault loseReply() {
        return new Faults.LoseReply();
    }

    /** The store applies the first half of the batch (of one entry, that one) in a call of its own; then this call fails. */
    static Fault applyHalfThenThrow(Supplier<? extends Exception> failure) {
        return new Faults.ApplyHalfThenThrow(failure);
    }
}
