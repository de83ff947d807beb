package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.jdbc.LeaseStore.Taken;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What this relay knows of one lane that it holds. Confined to the claim thread, but for {@link #lost}.
 *
 * <p>A lane has at most one batch at the sink, one claimed ahead behind it, one in the settle and one that waits for that.
 */
final class LaneState {

    /** So many holders in a row left without a word before the head of the lane is suspected. */
    private static final int SUSPICIOUS_TAKEOVERS = 2;

    /** Held entries and fresh ones take turns: so long between two looks at the held ones. */
    static final long HELD_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    final LaneRight right;
    final LaneFloor floor;
    final BatchLimit limit;

    /** Another holder has it, or nobody; a worker that has not begun yet need not begin. */
    volatile boolean lost;

    /** A batch or a retry is at the sink. */
    boolean applying;

    /** A settle is under way. */
    boolean settling;

    /** A batch was broken off: nothing of the lane is settled or applied before it is claimed from its floor again. */
    boolean broken;

    /** Claimed ahead: goes to the sink when the batch before it is back. */
    @Nullable
    Batch next;

    /** Back from the sink: is settled when the settle before it is done. */
    LaneWorker.@Nullable Applied waiting;

    final HeldAggregates held = new HeldAggregates();

    /** The last claim was full. */
    boolean backlog;

    /** Something may be open that the last claim from the floor did not bring. */
    boolean look = true;

    /** Held entries when the database was asked last; true until it was, and since some were held. */
    private boolean heldAtLook = true;

    /** A blocked entry may have lost what it waits for, because somebody took it away: look once. */
    boolean promoteHeads = true;

    final RetryPace retryPace = new RetryPace();

    /** What is at the sink is a retry. */
    boolean retrying;

    /** How often the sink had worked at the last retry. */
    long successesAtRetry;

    long lookAtHeldNanos = System.nanoTime();

    /** The last claim from the floor found nothing: nobody fresh waits for a retry's end. */
    boolean empty;

    /** Holders before did not survive this lane: its first batch is tried entry by entry. */
    boolean headIsSuspect;

    /** Nothing was settled since the takeover. */
    boolean takeoversUncleared;

    /** To be given back when nothing is under way. */
    boolean leaving;

    /** When everything that is open was seen last. */
    long claimedFromFloorNanos;

    /** The last number that was claimed. */
    long claimedUpTo;

    /** There may be more behind {@link #claimedUpTo}. */
    private boolean more;

    private long storedFloor;
    private int storeFailures;
    private boolean resting;
    private long restUntilNanos;

    LaneState(Taken taken, int batchSize) {
        this.right = taken.right();
        this.floor = new LaneFloor(taken.floor());
        this.limit = new BatchLimit(batchSize);
        this.storedFloor = taken.floor();
        this.headIsSuspect = taken.uncleanTakeovers() >= SUSPICIOUS_TAKEOVERS;
        this.takeoversUncleared = taken.uncleanTakeovers() > 0;
    }

    /** Nothing is under way. */
    boolean isAtRest() {
        return !applying && !settling && next == null && waiting == null;
    }

    /** Takes note of how far the claims have come. */
    void claimedBehind(Batch batch) {
        claimedUpTo = batch.last();
        more = batch.full();
    }

    /** A claim ahead gave nothing. */
    void nothingBehind() {
        more = false;
    }

    /** Whether a batch may be claimed ahead. */
    boolean wantsNext() {
        return applying && more && next == null && waiting == null && !leaving && !floor.looksBack();
    }

    /** The batch claimed ahead is forgotten, and none is claimed: the lane is to be claimed from its floor. */
    void forgetNext() {
        next = null;
        more = false;
        look = true;
    }

    /** The database was asked whether the lane holds entries. */
    void looked(boolean holds) {
        heldAtLook = holds;
    }

    /** Whether it may hold entries now. */
    boolean mayHold() {
        return heldAtLook || held.areNotToBeKnown();
    }

    /** Whatever the last look said. */
    void mayHoldAgain() {
        heldAtLook = true;
    }

    /** Whether it held nothing at the last look, and nothing can have come to be held since, as far as is known. */
    boolean heldNothing() {
        return !heldAtLook;
    }

    /** A person acted: whatever is held is looked at now. */
    void lookAtHeldNow(long nowNanos) {
        mayHoldAgain();
        promoteHeads = true;
        held.someGone();
        lookAtHeldNanos = nowNanos;
        retryPace.wake();
    }

    /** How long until the next look at what is held; zero or less if it is due. */
    long untilLookAtHeld(long nowNanos) {
        long untilLook = lookAtHeldNanos - nowNanos;
        return empty ? untilLook : Math.max(untilLook, retryPace.restNanos(nowNanos));
    }

    /** Entries of it were held. */
    void lookAtHeldSoon() {
        long soon = System.nanoTime() + HELD_PAUSE_NANOS;
        lookAtHeldNanos = mayHold() && lookAtHeldNanos - soon < 0 ? lookAtHeldNanos : soon;
        mayHoldAgain();
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
        return floor.safe() != storedFloor;
    }

    void floorStored(long value) {
        storedFloor = value;
    }
}
