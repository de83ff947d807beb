package dev.dualwrite.relay.payload;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.StateLoader.State;

/** What became of a payload on its way to a secondary. Immutable. */
public sealed interface Shaped {

    /**
     * It is ready.
     *
     * @param state JSON in the secondary's shape, with the type and version that it has now
     */
    record Ready(State state) implements Shaped {}

    /** The aggregate has no place in the secondary: it is to be deleted there. */
    enum Gone implements Shaped {
        INSTANCE
    }

    /**
     * It cannot be used here.
     *
     * @param result unknown, if a newer process may know it, or rejected
     */
    record Refused(ApplyResult result) implements Shaped {}
}
