package dev.dualwrite.relay.retention;

import java.time.Duration;

/**
 * How long the primary keeps what nobody needs for the relaying. Immutable; at least a day each, or zero: for ever.
 *
 * @param audit the record of acts
 * @param discarded entries that a person gave up, since then
 */
public record Retention(Duration audit, Duration discarded) {

    /** Nothing is purged. */
    public static final Retention FOR_EVER = new Retention(Duration.ZERO, Duration.ZERO);
}
