package dev.dualwrite.relay.apply;

import static java.util.Objects.requireNonNull;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.jdbc.ClaimStore;
import dev.dualwrite.outbox.jdbc.ClaimStore.Claimed;
import dev.dualwrite.outbox.jdbc.ClaimStore.Settlement;
import dev.dualwrite.outbox.jdbc.Failure;
import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.jdbc.LeaseStore;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.relay.internal.HeldLog;
import dev.dualwrite.relay.observe.BatchObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Applies, and settles, one batch of entries of the hot table, on threads of the lane's sink. Thread-safe; a lane is never with
 * two threads for the same of the two. No transaction of the primary is open while the sink is called.
 */
final class LaneWorker {

    private final ClaimStore claims;
    private final LeaseStore leases;
    private final CrashProbe probe;
    private final RandomGenerator random;
    private final ClaimMarks marks;
    private final HeldLog log;

    LaneWorker(ClaimLoop.Stores stores, ClaimLoop.Identity identity, ClaimMarks marks) {
        this.claims = stores.claims();
        this.leases = stores.leases();
        this.probe = identity.probe();
        this.random = identity.random();
        this.marks = marks;
        this.log = identity.log();
    }

    /**
     * How the sink fared with a batch.
     *
     * @param begunNanos when the batch went to the sink
     * @param worked whether the store did its part: it applied or refused something, and did not break off
     * @param storeFailure why the batch was broken off, if the store as a whole could not work
     */
    record Report(
            long begunNanos,
            int applied,
            int stale,
            int coalesced,
            boolean worked,
            @Nullable Exception storeFailure) {

        static Report of(Outcome outcome, long begunNanos) {
            return new Report(
                    begunNanos,
                    outcome.applied(),
                    outcome.stale(),
                    outcome.coalesced(),
                    outcome.storeFailure() == null
                            && !(outcome.done().isEmpty() && outcome.failures().isEmpty()),
                    outcome.storeFailure());
        }
    }

    /**
     * A batch that is back from the sink. The payloads are let go of.
     *
     * @param batchIsFromFloor see {@link Batch#fromFloor()}
     * @param whole whether nothing of the batch stays where it was
     * @param dead aggregates of the dead entries, by version
     * @param watched what is told of it once it is settled
     */
    record Applied(
            boolean batchIsFromFloor,
            boolean whole,
            Settlement settlement,
            Map<Long, Aggregate> dead,
            Report report,
            Watched watched) {

        Set<Aggregate> held() {
            return settlement.held();
        }

        boolean changesNothing() {
            return settlement.done().isEmpty() && settlement.failures().isEmpty();
        }
    }

    /**
     * What the settle of a batch gave.
     *
     * @param xid of its transaction; empty if the right to the lane was lost
     * @param afterClaim the number of a claim that was over before {@code xid} was assigned
     */
    record Settled(OptionalLong xid, long afterClaim) {}

    /** What the sink is given, and what is known beside it. */
    record Job(ConfiguredSink sink, Batch batch, Set<Aggregate> heldMeanwhile, boolean loneTimeoutIsTheEntrys) {}

    /** Calls the sink. */
    Applied apply(Job job) throws InterruptedException {
        // CRASH: CLAIMED_NOT_APPLIED: a claim changes nothing, so the next holder claims the same entries again.
        probe.reached(CrashWindow.CLAIMED_NOT_APPLIED);
        var fresh = new ArrayList<Candidate>(job.batch().entries().size());
        var failures = new ArrayList<Failure>();
        Map<Long, Aggregate> aggregates = new HashMap<>();
        for (Claimed claimed : job.batch().entries()) {
            ClaimedEntry entry = claimed.entry();
            if (claimed.blocked() || job.heldMeanwhile().contains(entry.aggregate())) {
                failures.add(Failure.blocked(entry.version()));
                aggregates.put(entry.version().value(), entry.aggregate());
            } else {
                fresh.add(Candidate.fresh(entry));
            }
        }
        ConfiguredSink sink = job.sink();
        BatchObserver observer = sink.observer().batch();
        long begun = System.nanoTime();
        Outcome outcome = fresh.isEmpty()
                ? Outcome.NOTHING
                : new BatchApplier(sink, random, job.loneTimeoutIsTheEntrys(), observer).apply(fresh);
        failures.addAll(outcome.failures());
        if (!failures.isEmpty()) {
            fresh.forEach(c -> aggregates.put(c.entry().version().value(), c.aggregate()));
        }
        Set<Aggregate> heldNow = new HashSet<>();
        failures.forEach(f -> heldNow.add(aggregates.get(f.version().value())));
        Map<Long, Aggregate> dead = new HashMap<>();
        failures.stream()
                .filter(f -> f.state() == Failure.State.DEAD)
                .forEach(f -> dead.put(
                        f.version().value(),
                        requireNonNull(aggregates.get(f.version().value()))));
        List<Long> done =
                outcome.done().stream().map(e -> e.version().sequence()).toList();
        return new Applied(
                job.batch().fromFloor(),
                done.size() + failures.size() == job.batch().entries().size(),
                new Settlement(done, failures, false, heldNow),
                dead,
                Report.of(outcome, begun),
                Watched.of(observer, outcome, failures, marks.clock()));
    }

    /** Records what became of a batch. */
    Settled settle(ConfiguredSink sink, LaneRight right, Applied applied, boolean clearTakeovers) {
        // CRASH: APPLIED_NOT_SETTLED: the next holder applies the same entries again; the guard at the secondary makes
        // them stale.
        probe.reached(CrashWindow.APPLIED_NOT_SETTLED);
        long afterClaim = marks.lastClaim().getAsLong();
        Settlement settlement = applied.settlement();
        OptionalLong xid = claims.settle(right, settlement, sink.fullState());
        if (xid.isPresent() && clearTakeovers) {
            clearTakeovers(right);
        }
        if (xid.isPresent()) {
            log.settled(sink.name(), right.lane().toString(), settlement.failures(), applied.dead());
            applied.watched().settled(0);
        }
        return new Settled(xid, afterClaim);
    }

    /** Whatever ended the holders before is over. */
    boolean clearTakeovers(LaneRight right) {
        return leases.settledOnce(right);
    }

    /**
     * Moves a batch to the held table untried: its entries are tried alone from now on, since one of them may have ended the
     * processes that held the lane before.
     */
    Applied setAside(Batch batch) {
        Set<Aggregate> aggregates = new HashSet<>();
        batch.entries().stream()
                .filter(Claimed::blocked)
                .forEach(claimed -> aggregates.add(claimed.entry().aggregate()));
        List<Failure> failures = batch.entries().stream()
                .map(Claimed::entry)
                .map(e -> aggregates.add(e.aggregate())
                        ? Failure.backingOff(
                                e.version(),
                                0,
                                Duration.ZERO,
                                null,
                                "tried alone: two relays in a row ended while they held its lane")
                        : Failure.blocked(e.version()))
                .toList();
        return new Applied(
                batch.fromFloor(),
                true,
                new Settlement(List.of(), failures, true, aggregates),
                Map.of(),
                Report.of(Outcome.NOTHING, System.nanoTime()),
                Watched.NOBODY);
    }
}
