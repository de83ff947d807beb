package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.ControlStore;
import java.util.Map;
import java.util.Set;

/** Gives each sink that this process knows its number in the database. */
final class SinkRegistration {

    // Each failed try means that another process registered a sink meanwhile; three at once at a first start is a lot.
    private static final int MAX_TRIES = 5;
    private static final String UNIQUE_VIOLATION = "23505";

    private SinkRegistration() {}

    /**
     * The numbers.
     *
     * @throws OutboxStoreException if the database refuses
     */
    static Map<String, Short> register(ControlStore store, Set<String> sinks) {
        if (sinks.isEmpty()) {
            return Map.of();
        }
        for (int tried = 1; ; tried++) {
            try {
                return store.registerSinks(sinks);
            } catch (OutboxStoreException e) {
                // In a pool whose isolation is REPEATABLE READ the waiting session does not see the row that it waited
                // for.
                boolean raced = UNIQUE_VIOLATION.equals(e.sqlState()) || e.isTransient();
                if (!raced || tried == MAX_TRIES) {
                    throw e;
                }
            }
        }
    }
}
