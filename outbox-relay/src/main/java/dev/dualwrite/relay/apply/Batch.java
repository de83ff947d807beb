package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.ClaimStore.Claimed;
import java.util.List;

/**
 * What one claim brought from one lane. Immutable.
 *
 * @param fromFloor whether the claim began at the lane's floor, so that it saw everything that is open; else it was made ahead,
 *     behind a batch under way
 * @param full whether there may be more behind it
 */
record Batch(List<Claimed> entries, boolean fromFloor, boolean full) {

    /** The largest sequence. */
    long last() {
        return entries.get(entries.size() - 1).entry().version().sequence();
    }

    /** Only so many of its first entries. It is not what the claim saw any more. */
    Batch first(int count) {
        return count >= entries.size() ? this : new Batch(List.copyOf(entries.subList(0, count)), false, true);
    }
}
