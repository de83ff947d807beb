package dev.dualwrite.relay.observe;

import org.jspecify.annotations.Nullable;

/** Gives the observer of each sink when a relay is made. Thread-safe. */
@FunctionalInterface
public interface SinkObservers {

    /** Nobody looks. */
    SinkObservers NONE = (primary, sink) -> SinkObserver.NONE;

    /**
     * For one sink of one relay.
     *
     * @param primary the name of a further primary; absent for the application's own
     */
    SinkObserver of(@Nullable String primary, String sink);
}
