package dev.dualwrite.relay.apply;

/**
 * Where the claims of one lane start. Confined to one thread; a pure decision.
 *
 * <p>Idea: the floor keeps claims off the dead index entries of what was settled. It must never pass an entry that commits
 * late with a small number, or that entry is lost.
 *
 * <p>Invariant: every entry of the lane with a sequence up to the floor is settled, and none can appear any more.
 *
 * <p>Argument. An entry's transaction id is assigned before its number is drawn. Let N be the largest number known when a
 * claim S is made (all that S gave, or the last number of the sequence, read before S), and c a transaction id assigned
 * after S. Whoever drew a number up to N did so before S ended, so its transaction id is smaller than c. Once a later
 * snapshot has xmin above c, all of them have ended, and a claim made after that snapshot sees every one of their entries
 * that is committed. When that claim was not full, or reached past N, and all it gave is settled, N can be the floor. The
 * xmax of a snapshot will not do for c: it is the latest completed id plus one, and a running transaction may hold it.
 */
final class Floor {

    private static final long NONE = -1;

    private long floor;
    private long candidate = NONE;
    private long candidateClaim = NONE;
    private long candidateXid = NONE;
    private boolean provable;

    Floor(long start) {
        this.floor = start;
    }

    long value() {
        return floor;
    }

    /** Whether nothing above the floor can exist: then no claim is needed. */
    boolean hasReached(long lastSequence) {
        return floor >= lastSequence;
    }

    /** Whether a transaction id assigned from now on would bring the floor nearer. */
    boolean wantsTransactionId() {
        return candidate != NONE && candidateXid == NONE;
    }

    /**
     * A claim was made; none of the earlier ones is still unsettled.
     *
     * @param xmin of a snapshot taken before the claim
     * @param known the largest number known when the claim was made
     * @param reached up to which number the claim was complete
     * @param claim the number of this claim, rising
     */
    void claimed(long xmin, long known, long reached, long claim) {
        provable = candidateXid != NONE && xmin > candidateXid && reached >= candidate;
        if (candidate == NONE && known > floor) {
            candidate = known;
            candidateClaim = claim;
        }
    }

    /**
     * A transaction id was assigned.
     *
     * @param afterClaim the number of a claim that was over before
     */
    void transactionIdAssigned(long xid, long afterClaim) {
        if (wantsTransactionId() && afterClaim >= candidateClaim) {
            candidateXid = xid;
        }
    }

    /** Everything that the last claim gave is settled (at once, if it gave nothing). */
    void settled() {
        if (provable) {
            floor = Math.max(floor, candidate);
            candidate = NONE;
            candidateXid = NONE;
            provable = false;
        }
    }

    /** The last claim was not settled as a whole: what it gave will be claimed again. */
    void abandoned() {
        provable = false;
    }
}
