package dev.dualwrite.relay.sink;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.Sink;

/**
 * Makes the sinks of one type from configuration alone. Implementations are thread-safe.
 *
 * <p>A sink that it makes may also be a {@link StartupCheck} and an {@link AutoCloseable}: who asks for it calls {@link
 * StartupCheck#validate()} before the first entry, and closes it when the last call of apply has returned.
 */
public interface SinkFactory {

    /** The word after {@code type:} in the configuration, for example {@code jdbc}. */
    String type();

    /**
     * A new sink. Does no I/O: a secondary that is down must not stop the process.
     *
     * @param name of the sink, the key under {@code dualwrite.sinks}
     * @throws OutboxConfigurationException if the settings alone show that it cannot work; it lists every mistake
     */
    Sink create(String name, SinkSettings settings);
}
