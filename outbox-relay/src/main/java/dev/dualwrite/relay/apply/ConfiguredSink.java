package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.retry.Backoff;
import java.time.Duration;

/**
 * A sink with its name, its number in the database and how it wants to be treated. Immutable.
 *
 * @param maxAttempts of one entry, from 1; then it is dead
 * @param backoff between the attempts of one entry, and of the store after a failure of it
 */
public record ConfiguredSink(String name, short id, Sink sink, int maxAttempts, Backoff backoff, Duration timeout) {

    /** The same with another one in its place. */
    ConfiguredSink withSink(Sink other) {
        return new ConfiguredSink(name, id, other, maxAttempts, backoff, timeout);
    }
}
