package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.ClaimStore;
import dev.dualwrite.outbox.jdbc.ClaimStore.Claimed;
import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.util.List;

/** What this relay knows of one lane that it holds. Confined to the claim thread. */
final class LaneState {

    final LaneRight right;
    final Floor floor;

    /** A batch of this lane is with a worker: nothing is claimed meanwhile, so applies of one lane never overlap. */
    boolean busy;

    /** The lane may hold entries; true until the database says otherwise. */
    boolean mayHold = true;

    /** A blocked entry may have lost what it waits for, because somebody took it away: look once. */
    boolean promoteHeads = true;

    /** Another holder has it, or nobody; a worker that has not begun yet need not begin. */
    volatile boolean lost;

    private long storedFloor;
    private int storeFailures;
    private boolean resting;
    private long restUntilNanos;

    LaneState(LaneRight right, long floor) {
        this.right = right;
        this.floor = new Floor(floor);
        this.storedFloor = floor;
    }

    /** Takes note of a claim; gives the number of its entries. */
    int claimed(List<Claimed> claim, ClaimStore.Poll poll, Limits limits, long claimNumber) {
        long last = claim.isEmpty()
                ? 0
                : claim.get(claim.size() - 1).entry().version().sequence();
        boolean full = limits.reachedBy(claim);
        floor.claimed(
                poll.xmin(),
                full ? last : Math.max(last, poll.lastSequence()),
                full ? last : Long.MAX_VALUE,
                claimNumber);
        if (claim.isEmpty()) {
            floor.settled();
        }
        return claim.size();
    }

    /** Leaves the lane alone for a while: its settle failed, and would fail as fast again. */
    void restUntil(long nanos) {
        resting = true;
        restUntilNanos = nanos;
    }

    /** How often in a row the store failed for this lane, this time included. */
    int storeFailed() {
        return ++storeFailures;
    }

    void storeWorked() {
        storeFailures = 0;
    }

    boolean isResting(long nowNanos) {
        resting = resting && nowNanos - restUntilNanos < 0;
        return resting;
    }

    boolean floorIsUnstored() {
        return floor.value() != storedFloor;
    }

    void floorStored(long value) {
        storedFloor = value;
    }

    /**
     * How much one claim may bring from one lane.
     *
     * @param entries from 1
     * @param bytes of payload; one entry that is larger still comes, alone
     */
    record Limits(int entries, long bytes) {

        /** Whether there may be more than what came. */
        boolean reachedBy(List<Claimed> claim) {
            long sum = 0;
            for (Claimed claimed : claim) {
                sum += size(claimed.entry());
            }
            return claim.size() >= entries || sum >= bytes;
        }

        private static int size(ClaimedEntry entry) {
            byte[] payload = entry.payload();
            return payload == null ? 0 : payload.length;
        }
    }
}
