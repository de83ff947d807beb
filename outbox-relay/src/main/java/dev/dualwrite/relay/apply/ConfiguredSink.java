package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.observe.GuardedObserver;
import dev.dualwrite.relay.observe.SinkObserver;
import java.time.Duration;

/**
 * A sink with its name, its number in the database and how it wants to be treated. Immutable.
 *
 * @param timeout of one call of it
 * @param observer is told what becomes of its entries
 */
public record ConfiguredSink(
        String name, short id, Sink sink, RetryPolicy retry, Duration timeout, SinkObserver observer) {

    /** One that nobody observes. */
    public ConfiguredSink(String name, short id, Sink sink, RetryPolicy retry, Duration timeout) {
        this(name, id, sink, retry, timeout, SinkObserver.NONE);
    }

    /** The same with somebody who is told what becomes of its entries. */
    public ConfiguredSink observedBy(SinkObserver other) {
        return new ConfiguredSink(name, id, sink, retry, timeout, GuardedObserver.of(name, other));
    }

    /** The same with another one in its place. */
    ConfiguredSink with(Sink other) {
        return new ConfiguredSink(name, id, other, retry, timeout, observer);
    }

    /** Whether an entry is its aggregate's whole state, so that a newer one stands for the older ones. */
    boolean fullState() {
        return !sink.keepsEveryEntry();
    }
}
