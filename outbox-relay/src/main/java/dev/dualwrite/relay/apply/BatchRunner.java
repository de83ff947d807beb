package dev.dualwrite.relay.apply;

import dev.dualwrite.relay.apply.LaneWorker.Applied;
import dev.dualwrite.relay.apply.LaneWorker.Report;
import dev.dualwrite.relay.apply.LaneWorker.Settled;
import dev.dualwrite.relay.apply.RetryWorker.Retried;
import dev.dualwrite.relay.retry.FailureClassifier;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Leads the batches of each lane to the sink and through the settle: while one is at the sink, the one before may be in the
 * settle and the one behind it may have been claimed. Confined to the claim thread, except the counters.
 *
 * <p>Applies of one lane never overlap, nor do its settles, and both are in the order of the claims. What batch n failed to
 * apply is known before batch n + 1 goes to the sink.
 */
final class BatchRunner {

    /** Guessed: an outage of the primary is noticed by its users sooner than by a faster loop. */
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private final Workers workers;
    private final LaneWorker worker;
    private final RetryWorker retries;
    private final RandomGenerator random;
    private final Notes notes;
    private final LongAdder applied = new LongAdder();
    private final LongAdder stale = new LongAdder();
    private final LongAdder coalesced = new LongAdder();

    /** What the runner tells the loop that owns it. */
    interface Notes {

        /** Runs something on the claim thread. Called on any thread. */
        void note(Runnable note);

        /** A settle of the lane was refused. */
        void rightLost(LaneState lane);

        /** A transaction id was assigned after that claim. */
        void transactionIdAssigned(long xid, long afterClaim);

        /** Something ended: a lane may be free. */
        void atRest();

        /** The breaker of a sink opened or closed. */
        void breakerChanged();
    }

    BatchRunner(Workers workers, LaneWorker worker, RetryWorker retries, RandomGenerator random, Notes notes) {
        this.workers = workers;
        this.worker = worker;
        this.retries = retries;
        this.random = random;
        this.notes = notes;
    }

    long applied() {
        return applied.sum();
    }

    long stale() {
        return stale.sum();
    }

    long coalesced() {
        return coalesced.sum();
    }

    /** A batch that was claimed while nothing of its lane was under way. */
    void begin(LaneState lane, Batch batch) {
        lane.empty = false;
        if (lane.headIsSuspect) {
            lane.lookAtHeldSoon();
            settle(lane, worker.setAside(batch));
            return;
        }
        Batch sent = lane.limit.cut(batch);
        if (sent.fromFloor()) {
            lane.claimedBehind(batch);
        } else {
            lane.look = true;
            lane.floor.abandoned();
        }
        apply(lane, sent);
    }

    /** Nothing fresh is open. If nothing is held either, no entry of the lane ended the holders before. */
    void isEmpty(LaneState lane) {
        lane.empty = true;
        if (lane.takeoversUncleared && lane.heldNothing()) {
            lane.takeoversUncleared = false;
            lane.headIsSuspect = false;
            workers.<Boolean>settle(lane, sink -> worker.clearTakeovers(lane.right), cleared -> {});
        }
    }

    /** A batch that was claimed ahead. */
    void queue(LaneState lane, Batch batch) {
        lane.claimedBehind(batch);
        lane.next = batch;
        advance(lane);
    }

    /** Tries held entries of a lane of which nothing is under way. */
    void retry(LaneState lane) {
        long successes = workers.sinkOf(lane).successes();
        var mode = new RetryWorker.Mode(
                lane.promoteHeads,
                lane.retryPace.aggregates(),
                lane.retryPace.isAlone(),
                successes > lane.successesAtRetry,
                lane.headIsSuspect);
        lane.promoteHeads = false;
        lane.successesAtRetry = successes;
        lane.forgetNext();
        lane.applying = true;
        lane.retrying = true;
        workers.<Retried>apply(
                lane,
                sink -> retries.retry(sink, lane.right, mode),
                retried -> notes.note(() -> retried(lane, mode, retried)));
    }

    private void apply(LaneState lane, Batch batch) {
        lane.applying = true;
        long successes = workers.sinkOf(lane).successes();
        boolean itsOwn = lane.limit.loneTimeoutIsTheEntrys(batch, successes);
        var heldMeanwhile = lane.held.blocking();
        workers.<Applied>apply(
                lane,
                sink -> worker.apply(new LaneWorker.Job(sink, batch, heldMeanwhile, itsOwn)),
                result -> notes.note(() -> applied(lane, batch, result)));
    }

    private void applied(LaneState lane, Batch batch, @Nullable Applied result) {
        lane.applying = false;
        if (result == null) {
            brokenOff(lane);
            return;
        }
        if (lane.broken) {
            // The batch before it is not settled and will be applied again: so must this one be, behind it.
            account(lane, result.report());
            brokenOff(lane);
            return;
        }
        lane.held.held(result.held());
        if (!result.held().isEmpty()) {
            lane.lookAtHeldSoon();
        }
        account(lane, result.report());
        Exception storeFailure = result.report().storeFailure();
        if (storeFailure != null && FailureClassifier.isTimeout(storeFailure)) {
            lane.limit.timedOut(batch, workers.sinkOf(lane).successes());
        } else if (storeFailure == null) {
            lane.limit.worked();
        }
        if (!result.whole()) {
            // What comes behind may be of an aggregate that stays where it is.
            lane.forgetNext();
        }
        if (result.changesNothing()) {
            lane.floor.abandoned();
            notes.atRest();
        } else if (lane.settling) {
            lane.waiting = result;
        } else {
            settle(lane, result);
        }
        advance(lane);
    }

    private void settle(LaneState lane, Applied result) {
        lane.settling = true;
        boolean clearTakeovers = lane.takeoversUncleared;
        workers.<Settled>settle(
                lane,
                sink -> worker.settle(sink, lane.right, result, clearTakeovers),
                settled -> notes.note(() -> settled(lane, result, settled)));
    }

    private void settled(LaneState lane, Applied result, @Nullable Settled settled) {
        lane.settling = false;
        if (settled == null) {
            lane.waiting = null;
            brokenOff(lane);
            return;
        }
        if (settled.xid().isEmpty()) {
            notes.rightLost(lane);
            return;
        }
        lane.takeoversUncleared = false;
        lane.headIsSuspect = false;
        notes.transactionIdAssigned(settled.xid().getAsLong(), settled.afterClaim());
        if (result.batchIsFromFloor()) {
            if (result.whole()) {
                lane.floor.settled();
            } else {
                lane.floor.abandoned();
            }
        }
        Applied waiting = lane.waiting;
        if (waiting != null) {
            lane.waiting = null;
            settle(lane, waiting);
        }
        advance(lane);
        notes.atRest();
    }

    /** Lets the batch that was claimed ahead go to the sink, if it is its turn. */
    private void advance(LaneState lane) {
        Batch next = lane.next;
        if (next == null || lane.applying || lane.waiting != null) {
            return;
        }
        lane.next = null;
        if (!lane.lost && workers.sinkOf(lane).worksWell()) {
            apply(lane, next);
        } else {
            lane.look = true;
        }
    }

    private void retried(LaneState lane, RetryWorker.Mode mode, @Nullable Retried retried) {
        lane.applying = false;
        lane.retrying = false;
        if (retried == null) {
            lane.promoteHeads |= mode.promoteHeads();
            brokenOff(lane);
            return;
        }
        if (retried.rightLost()) {
            notes.rightLost(lane);
            return;
        }
        lane.held.someGone();
        Exception storeFailure = retried.report().storeFailure();
        if (storeFailure != null && mode.storeWorks() && FailureClassifier.isTimeout(storeFailure)) {
            // The store works for fresh entries: that some held ones take too long must not keep those away from it.
            lane.retryPace.tookTooLong();
        } else {
            lane.retryPace.ended(
                    retried.nothingDue(),
                    retried.failedAgain(),
                    retried.report().begunNanos(),
                    System.nanoTime());
            if (!retried.nothingDue()) {
                account(lane, retried.report());
            }
        }
        if (retried.xid().isPresent()) {
            notes.transactionIdAssigned(retried.xid().getAsLong(), retried.afterClaim());
        }
        notes.atRest();
    }

    private void account(LaneState lane, Report report) {
        SinkState sink = workers.sinkOf(lane);
        applied.add(report.applied());
        stale.add(report.stale());
        coalesced.add(report.coalesced());
        boolean changed = false;
        Exception storeFailure = report.storeFailure();
        if (storeFailure != null) {
            long now = System.nanoTime();
            changed = sink.storeFailed(storeFailure, report.begunNanos(), now, random);
            // Its own pause too: other lanes that work must not make this one try again at once.
            lane.restUntil(now + sink.pauseAfter(lane.storeFailed(), random).toNanos());
        } else if (report.worked()) {
            lane.storeWorked();
            changed = sink.storeWorked(report.begunNanos());
        }
        if (changed) {
            notes.breakerChanged();
        }
    }

    private static void brokenOff(LaneState lane) {
        lane.broken = true;
        lane.forgetNext();
        // Entries may have been moved to the held table without being made due.
        lane.promoteHeads = true;
        lane.mayHoldAgain();
        lane.held.notToBeKnown();
        lane.floor.abandoned();
        lane.restUntil(System.nanoTime() + PAUSE_AFTER_FAILURE.toNanos());
    }
}
