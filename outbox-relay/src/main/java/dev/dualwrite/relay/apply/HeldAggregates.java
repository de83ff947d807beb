package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.Aggregate;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Of which aggregates a lane holds entries, so that later ones are not applied ahead of them. Confined to the claim thread; a
 * pure decision.
 *
 * <p>A claim can look each entry up among the held ones, which costs about a third of the claim. A lane with a backlog knows
 * the aggregates by heart instead, if they are few.
 *
 * <p>Invariant: if they are known, then every aggregate of which the lane holds an entry is among them. They were read while
 * nothing of the lane was under way; only a settle of this holder adds some, and what it will add is known before the next
 * batch goes out. Some may be gone since, by a retry or by a person: an entry that is set aside in vain is tried at once.
 */
final class HeldAggregates {

    /** Guessed: little memory, and no longer to read than the lookups of some claims. */
    static final int MOST = 2000;

    private static final long TOO_MANY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Set<Aggregate> sinceClaim = new HashSet<>();
    private @Nullable Set<Aggregate> known;
    private boolean someGone;
    private boolean notToBeKnown;
    private long readAgainNanos = System.nanoTime();

    /** Whether claims need not look. */
    boolean areKnown() {
        return known != null;
    }

    /** What must not be applied of a batch, whatever its claim said: a claim ahead does not know what was held since. */
    Set<Aggregate> blocking() {
        Set<Aggregate> all = new HashSet<>(sinceClaim);
        if (known != null) {
            all.addAll(known);
        }
        return all;
    }

    /** Entries of these are about to be held. */
    void held(Collection<Aggregate> aggregates) {
        sinceClaim.addAll(aggregates);
        if (known != null) {
            known.addAll(aggregates);
            // The batches that were claimed without a look are still guarded by it: forgotten when nothing is under
            // way.
            someGone |= known.size() > MOST;
        }
    }

    /** Some may hold nothing any more. */
    void someGone() {
        someGone = true;
    }

    /**
     * A settle was broken off, and may be carried out at any time from now on, also between reading them and a claim: only a look
     * in the very statement of the claim is right, for as long as this holder has the lane.
     */
    void notToBeKnown() {
        someGone = true;
        notToBeKnown = true;
    }

    /** Whether entries may come to be held at any time, by a settle that was broken off. */
    boolean areNotToBeKnown() {
        return notToBeKnown;
    }

    /** Nothing of the lane is under way, and it is about to be claimed from its floor; whether they should be read first. */
    boolean atRest(boolean backlog, long nowNanos) {
        sinceClaim.clear();
        if (someGone) {
            known = null;
            someGone = false;
        }
        return known == null && !notToBeKnown && backlog && nowNanos - readAgainNanos >= 0;
    }

    /** They were read; absent if they are too many. */
    void read(Optional<Set<Aggregate>> aggregates, long nowNanos) {
        known = aggregates.<Set<Aggregate>>map(HashSet::new).orElse(null);
        readAgainNanos = known == null ? nowNanos + TOO_MANY_NANOS : nowNanos;
    }
}
