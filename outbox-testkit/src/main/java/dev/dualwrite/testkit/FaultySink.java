package dev.dualwrite.testkit;

import static java.util.Objects.requireNonNull;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.util.List;
import java.util.function.Supplier;

/**
 * A sink in whose calls things go wrong: before each call it asks which {@link Fault} is on. For tests of what stands in
 * front of a sink.
 *
 * <p>Thread-safe if the sink and the supplier are. A call blocks as its fault and its sink do; a fault that is switched off
 * while a call is inside it does not end that call.
 */
public final class FaultySink implements Sink {

    private final Sink sink;
    private final Supplier<? extends Fault> fault;

    /** Puts the faults that the supplier gives, one a call, in front of this sink. */
    public FaultySink(Sink sink, Supplier<? extends Fault> fault) {
        this.sink = requireNonNull(sink, "sink");
        this.fault = requireNonNull(fault, "fault");
    }

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
        return fault.get().apply(sink, entries);
    }

    @Override
    public boolean keepsEveryEntry() {
        return sink.keepsEveryEntry();
    }

    @Override
    public boolean takesEncodedPayloads() {
        return sink.takesEncodedPayloads();
    }
}
