package dev.dualwrite.relay.retention;

import java.time.Duration;

/**
 * How long the primary keeps what nobody needs for the relaying. Immutable; at least a day each, or zero: for ever.
 *
 * @param audit the record of acts
 * @param discarded entries that a person gave up, since then
 * @param interval how often a relay looks for what is older
 */
public record Retention(Duration audit, Duration discarded, Duration interval) {

    /** Guessed: what is kept for months need not go to the minute. */
    private static final Duration EVERY = Duration.ofMinutes(5);

    /** Looked for every five minutes. */
    public Retention(Duration audit, Duration discarded) {
        this(audit, discarded, EVERY);
    }

    /** Nothing is purged. */
    public static final Retention FOR_EVER = new Retention(Duration.ZERO, Duration.ZERO);
}
