package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.ClaimStore;
import dev.dualwrite.outbox.jdbc.ClaimStore.Claimed;
import dev.dualwrite.outbox.jdbc.ClaimStore.Poll;
import dev.dualwrite.outbox.jdbc.ClaimStore.Request;
import dev.dualwrite.outbox.jdbc.HeldStore;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * Claims batches for lanes and hands them on. Confined to the claim thread, but for {@link #lastClaim()}.
 *
 * <p>A lane of which nothing is under way is claimed from its floor: such a claim sees everything that is open, also what a slow
 * transaction committed late with a small number, and it moves the floor. While a full batch is at the sink, the next one is
 * claimed ahead, behind the last number of that batch, if its sink takes entries for the full state. Every now and then a lane
 * runs dry on purpose.
 */
final class Claimer {

    /** How long a lane may go on with claims ahead: late commits wait for so long, at most. Guessed. */
    private static final long AHEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final ClaimStore claims;
    private final ClaimConfig config;
    private final Field field;
    private final Set<SinkState> crowded = new HashSet<>();
    private volatile long lastClaim;
    private boolean idle;

    /** The last claim met a primary that the epoch does not stand for: look again, at once. */
    private boolean refused;

    /** What is claimed for, and by whom it is taken on. */
    record Field(Lanes lanes, Workers workers, OldWriters writers, BatchRunner runner, HeldStore held) {}

    Claimer(ClaimStore claims, ClaimConfig config, Field field) {
        this.claims = claims;
        this.config = config;
        this.field = field;
    }

    /** The number of the last claim that is over. Thread-safe. */
    long lastClaim() {
        return lastClaim;
    }

    /** Whether a look at the primary could lead to a claim. */
    boolean hasFreeLane(long nowNanos) {
        return !field.lanes().free(nowNanos).isEmpty() && !idle;
    }

    /** Something ended, so the next look may find something. */
    void stir() {
        idle = false;
    }

    /** Whether the last look found nothing to do, and nothing is under way. */
    boolean isIdle() {
        return idle && field.lanes().all().stream().allMatch(LaneState::isAtRest);
    }

    /** Claims for lanes of which nothing is under way; whether anything came. */
    boolean claim(Poll poll, long nowNanos) {
        if (field.writers().seen(poll.snapshot(), nowNanos)) {
            field.lanes().all().forEach(lane -> lane.floor.lookBack());
        }
        Deque<LaneState> open = new ArrayDeque<>();
        for (LaneState lane : field.lanes().free(nowNanos)) {
            if (lane.floor.hasReached(poll.lastSequence())) {
                field.runner().isEmpty(lane);
            } else {
                open.add(lane);
            }
        }
        // Nothing was settled since the last look, so nobody else brings a transaction id.
        if (idle && open.stream().anyMatch(lane -> lane.floor.wantsTransactionId())) {
            long afterClaim = lastClaim;
            field.lanes().transactionIdAssigned(claims.assignTransactionId(), afterClaim);
        }
        idle = true;
        boolean some = false;
        for (List<LaneState> next = field.lanes().fitting(open, nowNanos);
                !next.isEmpty();
                next = field.lanes().fitting(open, nowNanos)) {
            some |= claimFromFloor(poll, next, nowNanos);
        }
        idle = !some && !refused && open.isEmpty();
        crowded.clear();
        open.forEach(lane -> crowded.add(field.workers().sinkOf(lane)));
        return some;
    }

    private boolean claimFromFloor(Poll poll, List<LaneState> free, long nowNanos) {
        for (LaneState lane : free) {
            if (lane.held.atRest(lane.backlog && lane.mayHold() && !lane.headIsSuspect, nowNanos)) {
                lane.held.read(field.held().aggregates(lane.right.lane(), HeldAggregates.MOST), nowNanos);
            }
        }
        Optional<List<List<Claimed>>> claimed = claim(free, lane -> lane.floor.start());
        if (claimed.isEmpty()) {
            return false;
        }
        boolean some = false;
        for (int i = 0; i < free.size(); i++) {
            LaneState lane = free.get(i);
            Batch batch =
                    new Batch(claimed.get().get(i), true, isFull(claimed.get().get(i)));
            lane.claimedFromFloorNanos = nowNanos;
            lane.broken = false;
            lane.backlog = batch.full();
            lane.floor.claimed(poll.snapshot().xmin(), xminOfOthers(lane, poll), seen(batch, poll));
            if (batch.entries().isEmpty()) {
                lane.floor.settled();
                field.runner().isEmpty(lane);
            } else {
                some = true;
                field.lanes().touch(lane);
                field.runner().begin(lane, batch);
            }
        }
        return some;
    }

    /** Where each entry counts by itself no writer is left out, for the same reason as in {@link #claimAhead}. */
    private long xminOfOthers(LaneState lane, Poll poll) {
        boolean fullState = field.workers().sinkOf(lane).sink.fullState();
        return fullState
                ? field.writers().xminOfOthers(poll.snapshot())
                : poll.snapshot().xmin();
    }

    private LaneFloor.Seen seen(Batch batch, Poll poll) {
        long last = batch.entries().isEmpty() ? 0 : batch.last();
        return batch.full()
                ? new LaneFloor.Seen(last, last, lastClaim)
                : new LaneFloor.Seen(Math.max(last, poll.lastSequence()), Long.MAX_VALUE, lastClaim);
    }

    /** Claims the next batch of lanes whose present one is at the sink. */
    void claimAhead(long nowNanos) {
        List<LaneState> behind = field.lanes().all().stream()
                .filter(lane -> lane.wantsNext() && nowNanos - lane.claimedFromFloorNanos < AHEAD_NANOS)
                .filter(lane -> field.workers().sinkOf(lane).worksWell())
                // A late commit may have a smaller number than what is at the sink. Where each entry counts by itself,
                // the
                // next one of its aggregate must not go first.
                .filter(lane -> field.workers().sinkOf(lane).sink.fullState())
                // Other lanes of the sink wait for their turn.
                .filter(lane -> !crowded.contains(field.workers().sinkOf(lane)))
                .toList();
        if (behind.isEmpty()) {
            return;
        }
        Optional<List<List<Claimed>>> claimed = claim(behind, lane -> lane.claimedUpTo);
        for (int i = 0; i < behind.size() && claimed.isPresent(); i++) {
            List<Claimed> entries = claimed.get().get(i);
            LaneState lane = behind.get(i);
            if (entries.isEmpty()) {
                lane.nothingBehind();
            } else {
                field.runner().queue(lane, new Batch(entries, false, isFull(entries)));
            }
        }
    }

    private Optional<List<List<Claimed>>> claim(List<LaneState> lanes, ToLongFunction<LaneState> after) {
        List<Request> requests = lanes.stream()
                .map(lane -> new Request(
                        lane.right.lane(), after.applyAsLong(lane), lane.mayHold() && !lane.held.areKnown()))
                .toList();
        Optional<List<List<Claimed>>> claimed = claims.claim(requests, config.batchSize(), config.batchMaxBytes());
        if (claimed.isPresent()) {
            long number = lastClaim;
            lastClaim = number + 1;
        }
        refused = claimed.isEmpty();
        return claimed;
    }

    /** Whether there may be more than what came. */
    private boolean isFull(List<Claimed> claim) {
        long bytes = 0;
        for (Claimed claimed : claim) {
            bytes += size(claimed.entry());
        }
        return claim.size() >= config.batchSize() || bytes >= config.batchMaxBytes();
    }

    private static int size(ClaimedEntry entry) {
        byte[] payload = entry.payload();
        return payload == null ? 0 : payload.length;
    }
}
