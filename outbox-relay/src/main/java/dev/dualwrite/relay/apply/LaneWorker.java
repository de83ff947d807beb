package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.jdbc.ClaimStore;
import dev.dualwrite.outbox.jdbc.ClaimStore.Claimed;
import dev.dualwrite.outbox.jdbc.Failure;
import dev.dualwrite.outbox.jdbc.HeldStore;
import dev.dualwrite.outbox.jdbc.HeldStore.Due;
import dev.dualwrite.outbox.jdbc.HeldStore.DueLimits;
import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.relay.apply.BatchApplier.RetryPolicy;
import dev.dualwrite.relay.internal.RelayLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Applies and settles one batch of one lane, on a thread of the lane's sink. Thread-safe; a lane is never with two threads at
 * once. No transaction of the primary is open while the sink is called.
 */
final class LaneWorker {

    /** Guessed: enough to keep one call useful, little enough that retries do not hold up fresh entries for long. */
    private static final int MAX_DUE_AGGREGATES = 50;

    private static final int MAX_DUE_ENTRIES_OF_AGGREGATE = 20;

    private final ClaimStore claims;
    private final HeldStore held;
    private final CrashProbe probe;
    private final RandomGenerator random;
    private final LongSupplier lastClaim;
    private final DueLimits dueLimits;

    /** A worker; {@code lastClaim} gives the number of the last claim that is over. */
    LaneWorker(ClaimLoop.Stores stores, ClaimLoop.Identity identity, ClaimConfig config, LongSupplier lastClaim) {
        this.claims = stores.claims();
        this.held = stores.held();
        this.probe = identity.probe();
        this.random = identity.random();
        this.lastClaim = lastClaim;
        this.dueLimits = new DueLimits(
                MAX_DUE_AGGREGATES, MAX_DUE_ENTRIES_OF_AGGREGATE, config.batchSize(), config.batchMaxBytes());
    }

    /**
     * What the claim thread must know of a batch.
     *
     * @param outcome at the sink
     * @param xid of the settle's transaction; empty if the right to the lane was lost
     * @param afterClaim the number of a claim that was over before {@code xid} was assigned
     * @param whole whether every entry of the batch was settled
     */
    record Result(Outcome outcome, OptionalLong xid, long afterClaim, boolean whole) {}

    /** Works on entries of the hot table. */
    Result work(ConfiguredSink sink, LaneRight right, List<Claimed> claim) throws InterruptedException {
        // CRASH: CLAIMED_NOT_APPLIED: a claim changes nothing, so the next holder claims the same entries again.
        probe.reached(CrashWindow.CLAIMED_NOT_APPLIED);
        var fresh = new ArrayList<ClaimedEntry>(claim.size());
        var failures = new ArrayList<Failure>();
        for (Claimed claimed : claim) {
            if (claimed.blocked()) {
                failures.add(Failure.blocked(claimed.entry().version()));
            } else {
                fresh.add(claimed.entry());
            }
        }
        Outcome outcome = applier(sink, e -> 0).apply(fresh);
        failures.addAll(outcome.failures());
        // CRASH: APPLIED_NOT_SETTLED: the next holder applies the same entries again; the guard at the secondary makes
        // them stale.
        probe.reached(CrashWindow.APPLIED_NOT_SETTLED);
        long afterClaim = lastClaim.getAsLong();
        OptionalLong xid = outcome.done().isEmpty() && failures.isEmpty()
                ? OptionalLong.empty()
                : claims.settle(right, outcome.done(), failures);
        if (xid.isPresent()) {
            promoteOrphans(right, claim, failures);
        }
        RelayLog.held(right.lane().toString(), failures);
        boolean whole = outcome.done().size() + failures.size() == claim.size();
        return new Result(outcome, xid, afterClaim, whole);
    }

    /** Tries the held entries of a lane that are due; gives nothing if there are none. */
    @Nullable
    Result retry(ConfiguredSink sink, LaneRight right, boolean promoteHeads) throws InterruptedException {
        if (promoteHeads) {
            held.promoteAllHeads(right);
        }
        List<Due> due = held.due(right.lane(), dueLimits);
        if (due.isEmpty()) {
            return null;
        }
        Map<Long, Integer> attempts =
                due.stream().collect(Collectors.toMap(d -> d.entry().version().value(), Due::attempts));
        Outcome outcome = applier(sink, e -> attempts.getOrDefault(e.version().value(), 0))
                .apply(due.stream().map(Due::entry).toList());
        // CRASH: RETRIED_NOT_SETTLED: the attempt is not counted and made again; what it wrote is guarded.
        probe.reached(CrashWindow.RETRIED_NOT_SETTLED);
        long afterClaim = lastClaim.getAsLong();
        OptionalLong xid = outcome.done().isEmpty() && outcome.failures().isEmpty()
                ? OptionalLong.empty()
                : held.settle(right, outcome.done(), outcome.failures());
        RelayLog.held(right.lane().toString(), outcome.failures());
        return new Result(outcome, xid, afterClaim, true);
    }

    /** A blocked entry was moved behind one that a person may have taken away since the claim looked. */
    private void promoteOrphans(LaneRight right, List<Claimed> claim, List<Failure> failures) {
        if (failures.stream().noneMatch(f -> f.state() == Failure.State.BLOCKED)) {
            return;
        }
        List<Aggregate> aggregates = claim.stream()
                .filter(Claimed::blocked)
                .map(c -> c.entry().aggregate())
                .distinct()
                .toList();
        held.promoteHeads(right.lane(), aggregates);
    }

    private BatchApplier applier(ConfiguredSink sink, java.util.function.ToIntFunction<ClaimedEntry> attemptsBefore) {
        return new BatchApplier(
                sink.sink(), new RetryPolicy(sink.maxAttempts(), sink.backoff()), random, attemptsBefore);
    }
}
