package dev.dualwrite.relay.sink;

import dev.dualwrite.outbox.spi.Sink;

/** A sink that takes references: it, or one behind it, loads what they refer to. Of others the relay keeps them away. */
public interface LoadsReferences {

    /** The same each time. */
    boolean loadsReferences();

    /** Whether that sink takes references. */
    static boolean by(Sink sink) {
        return sink instanceof LoadsReferences loading && loading.loadsReferences();
    }
}
