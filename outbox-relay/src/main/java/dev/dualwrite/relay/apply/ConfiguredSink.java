package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.spi.Sink;
import java.time.Duration;

/**
 * A sink with its name, its number in the database and how it wants to be treated. Immutable.
 *
 * @param timeout of one call of it
 */
public record ConfiguredSink(String name, short id, Sink sink, RetryPolicy retry, Duration timeout) {

    /** The same with another one in its place. */
    ConfiguredSink with(Sink other) {
        return new ConfiguredSink(name, id, other, retry, timeout);
    }

    /** Whether an entry is its aggregate's whole state, so that a newer one stands for the older ones. */
    boolean fullState() {
        return !sink.keepsEveryEntry();
    }
}
