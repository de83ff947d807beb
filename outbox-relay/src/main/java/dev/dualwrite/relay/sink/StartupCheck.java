package dev.dualwrite.relay.sink;

import dev.dualwrite.outbox.OutboxConfigurationException;

/** A sink that can compare its configuration with the live secondary store. Thread-safe. */
@FunctionalInterface
public interface StartupCheck {

    /**
     * Looks at the secondary, and prepares there what the sink needs. Asking twice has the effect of once.
     *
     * @throws OutboxConfigurationException if the configuration or the secondary must be changed by a person: stop the
     *     start, show every mistake
     * @throws Exception if the secondary cannot be asked now: log it and go on, the sink asks again before its first write
     */
    void validate() throws Exception;
}
