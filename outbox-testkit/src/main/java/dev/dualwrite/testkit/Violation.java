package dev.dualwrite.testkit;

import dev.dualwrite.outbox.Aggregate;

/**
 * One way in which a history breaks what Dualwrite promises. Immutable.
 *
 * @param kind which promise
 * @param aggregate where
 * @param detail for a person: the tokens and versions seen, and those expected
 */
public record Violation(Kind kind, Aggregate aggregate, String detail) {

    /** The promises, by what breaks them. */
    public enum Kind {
        /** A commit has no effect and no later commit of its aggregate has one, or the primary does not hold it itself. */
        LOST,
        /** An effect, or a state of the primary, that no writer asked for. */
        INVENTED,
        /** An effect came after that of a later commit of the same aggregate, or twice. */
        OUT_OF_ORDER,
        /** An effect has no larger version than the effect before it. */
        VERSION_NOT_RISING,
        /** The secondary does not hold what its last effect left: something wrote past the sink, or was not recorded. */
        UNEXPLAINED,
        /** The two stores do not end with the same state. */
        STATES_DIFFER
    }

    @Override
    public String toString() {
        return kind + " " + aggregate + ": " + detail;
    }
}
