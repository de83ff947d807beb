package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.ClaimStore;
import dev.dualwrite.outbox.jdbc.ClaimStore.Poll;
import dev.dualwrite.relay.internal.RelayLog;
import java.util.UUID;

/**
 * Whether the primary is still the one whose numbers this relay has seen. Confined to the claim thread.
 *
 * <p>If it may have forgotten numbers, it will draw them again, for other entries: the epoch is raised first, by this relay or
 * by another. It must become higher than any that this relay has seen: a standby can have missed the last raise, too.
 */
final class PrimaryWatch {

    private final ClaimStore claims;
    private final UUID relay;
    private final Runnable changed;
    private int epoch = -1;
    private int passed = -1;
    private long highestSeen;

    /** Has seen nothing yet; {@code changed} is run when all lanes are gone, since the epoch rose. */
    PrimaryWatch(ClaimStore claims, UUID relay, Runnable changed) {
        this.claims = claims;
        this.relay = relay;
        this.changed = changed;
    }

    /** Whether what was polled may be relied upon; if not, the next poll may say so. */
    boolean isSame(Poll poll) {
        boolean first = epoch < 0;
        if (poll.epoch() < epoch) {
            passed = epoch;
        }
        boolean passedBefore = poll.epoch() <= passed;
        boolean forgot = passedBefore || (poll.epoch() == epoch && poll.lastSequence() < highestSeen);
        if (first || forgot || !poll.samePrimary()) {
            boolean raised =
                    claims.observePrimary(poll.epoch(), passedBefore ? Long.MAX_VALUE : forgot ? highestSeen : 0);
            if (raised) {
                RelayLog.epochRaised(relay.toString(), poll.epoch() + 1);
            }
            if (first && raised) {
                // Lanes were taken before the first look: with floors of before.
                changed.run();
            }
            epoch = first && !raised ? poll.epoch() : epoch;
            return first && !raised && poll.samePrimary();
        }
        if (poll.epoch() != epoch) {
            changed.run();
            highestSeen = 0;
            epoch = poll.epoch();
        }
        highestSeen = Math.max(highestSeen, poll.lastSequence());
        return true;
    }
}
