package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.jdbc.HeldStore.Due;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.time.Duration;

/**
 * An entry that is to be tried, with what went before.
 *
 * @param attempts made so far
 * @param heldFor since its first failure
 */
record Candidate(ClaimedEntry entry, int attempts, Duration heldFor) {

    static Candidate fresh(ClaimedEntry entry) {
        return new Candidate(entry, 0, Duration.ZERO);
    }

    static Candidate of(Due due) {
        return new Candidate(due.entry(), due.attempts(), due.heldFor());
    }

    Aggregate aggregate() {
        return entry.aggregate();
    }
}
