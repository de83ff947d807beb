package dev.dualwrite.outbox.spi;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lifts a payload from one schema version to the next one, so that everything behind it knows the newest version only. Beans of
 * this type in a relay's process form chains, one for each payload type; gaps and doubles stop the start.
 *
 * <p>Pure: no I/O, no clock, the same answer for the same payload, since an entry may be lifted many times. Thread-safe.
 */
public interface Upcaster {

    /** Logical type name of the payloads that it takes. */
    String payloadType();

    /** The schema version that it takes, from 1; it gives the next one. */
    int fromVersion();

    /** The type name of what it gives; another one renames the payload type. */
    default String toPayloadType() {
        return payloadType();
    }

    /**
     * The payload in the next version.
     *
     * @param payload as {@link PayloadTree} describes; it may be changed and returned
     * @throws RuntimeException if this payload cannot be lifted: its entry is dead at once and waits for a person, who sees the
     *     exception's class and place, not its message
     */
    Map<String, @Nullable Object> upcast(Map<String, @Nullable Object> payload);
}
