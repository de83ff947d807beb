package dev.dualwrite.outbox.spi;

import java.time.Duration;
import java.util.Objects;

/** What became of one entry at a sink: one of four foreseen outcomes. Immutable. Anything unforeseen is an exception. */
public sealed interface ApplyResult {

    /** The secondary holds the entry's effect, durably. */
    static ApplyResult applied() {
        return Applied.INSTANCE;
    }

    /** The secondary already holds a newer state of the aggregate; nothing was written, and that is right. */
    static ApplyResult stale() {
        return Stale.INSTANCE;
    }

    /** Not now: try again after the delay. It costs no attempt. */
    static ApplyResult deferred(Duration delay) {
        return new Deferred(delay);
    }

    /**
     * Not yet: the payload's type or schema version is not known here, as when a newer release appended it and this process is
     * older. A deferral that costs no attempt, and whose patience ends: after {@code dualwrite.relay.unknown-grace} the entry is
     * dead.
     */
    static ApplyResult unknown(String reason) {
        return new Unknown(reason);
    }

    /** Never: this entry cannot be applied as it is. It is dead at once and waits for a person, who reads the reason. */
    static ApplyResult rejected(String reason) {
        return new Rejected(reason);
    }

    /** See {@link ApplyResult#applied()}. */
    enum Applied implements ApplyResult {
        INSTANCE
    }

    /** See {@link ApplyResult#stale()}. */
    enum Stale implements ApplyResult {
        INSTANCE
    }

    /**
     * See {@link ApplyResult#deferred}.
     *
     * @param delay more than zero, at most 365 days
     */
    record Deferred(Duration delay) implements ApplyResult {
        private static final Duration MAX = Duration.ofDays(365);

        public Deferred {
            if (delay.isNegative() || delay.isZero() || delay.compareTo(MAX) > 0) {
                throw new IllegalArgumentException(
                        "delay is " + delay + ", expected more than zero and at most " + MAX);
            }
        }
    }

    /**
     * See {@link ApplyResult#unknown}.
     *
     * @param reason for a person: what was seen, what is known; no payload
     */
    record Unknown(String reason) implements ApplyResult {
        public Unknown {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * See {@link ApplyResult#rejected}.
     *
     * @param reason for a person: what was seen, what was expected; no payload
     */
    record Rejected(String reason) implements ApplyResult {
        public Rejected {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
