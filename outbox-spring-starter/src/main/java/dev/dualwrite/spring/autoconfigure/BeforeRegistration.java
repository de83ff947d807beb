package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.OutboxConfigurationException;

/**
 * A last look before the sinks of this process get their numbers at the primary: a start that fails here leaves none behind.
 * Called once, when the schema is there; may block on other databases.
 */
@FunctionalInterface
public interface BeforeRegistration {

    /**
     * Looks.
     *
     * @throws OutboxConfigurationException with every mistake
     */
    void check();
}
