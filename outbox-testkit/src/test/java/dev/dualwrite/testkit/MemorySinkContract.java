package dev.dualwrite.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.Sink;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** The contract with all that a subclass can give, on a store in memory. */
abstract class MemorySinkContract extends SinkContract {

    private final MemoryStore store = new MemoryStore();
    private final AtomicReference<Fault> fault = new AtomicReference<>(Fault.none());

    /** The sink under test, in front of the store. */
    abstract Sink on(MemoryStore memory);

    /** What a store that does not answer looks like to the sink. */
    Fault stalled(CountDownLatch end) {
        return Fault.hangOnApply(end);
    }

    @Override
    protected Sink sink() {
        return new FaultySink(on(store), fault::get);
    }

    @Override
    protected Optional<String> held(Aggregate aggregate) {
        return store.held(aggregate);
    }

    @Override
    protected byte[] payload(String state) {
        return state.getBytes(UTF_8);
    }

    @Override
    protected Optional<byte[]> badPayload() {
        return Optional.of(payload(MemoryStore.BAD));
    }

    @Override
    protected Optional<byte[]> failingPayload() {
        return Optional.of(payload(MemoryStore.FAILING));
    }

    @Override
    protected Optional<AutoCloseable> stall() {
        var end = new CountDownLatch(1);
        fault.set(stalled(end));
        return Optional.of(end::countDown);
    }
}
