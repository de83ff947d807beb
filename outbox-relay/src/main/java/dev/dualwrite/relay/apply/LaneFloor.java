package dev.dualwrite.relay.apply;

/**
 * The two floors of a lane. Confined to one thread; a pure decision.
 *
 * <p>Idea: one transaction that stays open for an hour would hold the floor for an hour, and each claim would have to pass
 * the index entries of everything settled since. So a transaction that is open for long is left out of the test (see {@link
 * OldWriters}), and when it has ended, the lane looks back once.
 *
 * <p>Invariant: up to the safe floor nothing is open and nothing can appear. Between the safe floor and the one ahead nothing is
 * open, and only transactions that are left out can still add something; once one of them has ended, the next claim begins at
 * the safe floor. Only the safe floor is stored: the next holder knows nothing of who was left out.
 */
final class LaneFloor {

    private final Floor safe;
    private final Floor ahead;
    private boolean lookBack;
    private boolean lookedBack;

    LaneFloor(long start) {
        this.safe = new Floor(start);
        this.ahead = new Floor(start);
    }

    /** What the database may be told. */
    long safe() {
        return safe.value();
    }

    /** Where the next claim begins. */
    long start() {
        return lookBack ? safe.value() : Math.max(safe.value(), ahead.value());
    }

    boolean hasReached(long lastSequence) {
        return !lookBack && start() >= lastSequence;
    }

    boolean wantsTransactionId() {
        return safe.wantsTransactionId() || ahead.wantsTransactionId();
    }

    /** A transaction that was left out has ended: what it appended lies between the two floors. */
    void lookBack() {
        // Also where the floors are one now: a claim under way may be about to raise the one ahead.
        lookBack = true;
    }

    boolean looksBack() {
        return lookBack;
    }

    /**
     * A claim was made from {@link #start()}; none of the earlier ones is still unsettled.
     *
     * @param xmin of a snapshot taken before the claim
     * @param xminOfOthers the same without the transactions that are left out
     * @param seen what the claim saw
     */
    void claimed(long xmin, long xminOfOthers, Seen seen) {
        lookedBack = lookBack;
        // A full claim may have ended before it came to where the last one stopped.
        lookBack = lookBack && seen.reached() < ahead.value();
        safe.claimed(xmin, seen.known(), seen.reached(), seen.claim());
        ahead.claimed(xminOfOthers, seen.known(), seen.reached(), seen.claim());
    }

    /**
     * What a claim saw.
     *
     * @param known the largest number known when it was made
     * @param reached up to which number it was complete
     * @param claim its number, rising
     */
    record Seen(long known, long reached, long claim) {}

    void transactionIdAssigned(long xid, long afterClaim) {
        safe.transactionIdAssigned(xid, afterClaim);
        ahead.transactionIdAssigned(xid, afterClaim);
    }

    /** Everything that the last claim gave is settled (at once, if it gave nothing). */
    void settled() {
        safe.settled();
        ahead.settled();
    }

    /** The last claim was not settled as a whole: what it gave will be claimed again. */
    void abandoned() {
        lookBack |= lookedBack;
        safe.abandoned();
        ahead.abandoned();
    }
}
