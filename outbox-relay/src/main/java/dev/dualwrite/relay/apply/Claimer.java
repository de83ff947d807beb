package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.ClaimStore;
import dev.dualwrite.outbox.jdbc.ClaimStore.Claimed;
import dev.dualwrite.outbox.jdbc.ClaimStore.Poll;
import dev.dualwrite.outbox.jdbc.ClaimStore.Request;
import dev.dualwrite.outbox.jdbc.HeldStore;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

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
    private static final long AHEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Guessed: so few entries are a small batch, whichever lanes they are of. */
    private static final int FEW = 100;

    private final ClaimStore claims;
    private final ClaimConfig config;
    private final Field field;
    private final Set<SinkState> crowded = new HashSet<>();

    /** Lanes of the present look that have something, but more lanes of their sink had than it can take on. */
    private final List<LaneState> putBack = new ArrayList<>();

    private volatile long lastClaim;
    private boolean idle;

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

    /** Something was committed, or may have been: every lane is to be claimed from, those at work when they are done. */
    void lookAtAll() {
        field.lanes().all().forEach(lane -> lane.look = true);
    }

    /** Whether a lane that could be claimed from may have something. */
    boolean hasFreeLane(long nowNanos) {
        var open = field.lanes().free(nowNanos).stream()
                .filter(lane -> lane.look)
                .collect(Collectors.toCollection(ArrayDeque::new));
        return !field.lanes().fitting(open, nowNanos).isEmpty();
    }

    /** Whether the last claim met a primary that the epoch does not stand for: look again, at once. */
    boolean isRefused() {
        return refused;
    }

    /** Something ended: a transaction id came with it, and the relay is not idle. */
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
            lookAtAll();
        }
        Deque<LaneState> open = new ArrayDeque<>();
        for (LaneState lane : field.lanes().free(nowNanos)) {
            if (lane.floor.hasReached(poll.lastSequence())) {
                lane.look = false;
                field.runner().isEmpty(lane);
            } else if (lane.look) {
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
        refused = false;
        putBack.clear();
        for (List<LaneState> next = next(open, poll, nowNanos);
                !next.isEmpty() && !refused;
                next = next(open, poll, nowNanos)) {
            some |= claimFromFloor(poll, next, nowNanos);
        }
        open.addAll(putBack);
        idle = !some && !refused && open.isEmpty();
        crowded.clear();
        open.forEach(lane -> crowded.add(field.workers().sinkOf(lane)));
        return some;
    }

    /**
     * The lanes of the next claim: as many as their workers can take on, or all where so few numbers were drawn since that
     * most of them have nothing. Of those that have something only so many begin as their workers can take on.
     */
    private List<LaneState> next(Deque<LaneState> open, Poll poll, long nowNanos) {
        boolean few = open.stream()
                .allMatch(lane -> poll.lastSequence() - lane.floor.start() <= FEW
                        && field.workers().sinkOf(lane).worksWell());
        if (!few) {
            return field.lanes().fitting(open, nowNanos);
        }
        List<LaneState> all = List.copyOf(open);
        open.clear();
        return all;
    }

    private boolean claimFromFloor(Poll poll, List<LaneState> free, long nowNanos) {
        for (LaneState lane : free) {
            if (lane.held.atRest(lane.backlog && lane.mayHold() && !lane.headIsSuspect, nowNanos)) {
                lane.held.read(field.held().aggregates(lane.right.lane(), HeldAggregates.MOST), nowNanos);
            }
        }
        Optional<List<Batch>> claimed = claim(free, true);
        if (claimed.isEmpty()) {
            return false;
        }
        boolean some = false;
        for (int i = 0; i < free.size(); i++) {
            LaneState lane = free.get(i);
            Batch batch = claimed.get().get(i);
            if (!batch.entries().isEmpty() && !field.lanes().fits(lane, nowNanos)) {
                // As if it had not been claimed: what waits for a worker waits in the database.
                putBack.add(lane);
                continue;
            }
            lane.claimedFromFloorNanos = nowNanos;
            lane.broken = false;
            lane.backlog = batch.full();
            lane.look = batch.full();
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
        Optional<List<Batch>> claimed = claim(behind, false);
        for (int i = 0; i < behind.size() && claimed.isPresent(); i++) {
            Batch batch = claimed.get().get(i);
            LaneState lane = behind.get(i);
            if (batch.entries().isEmpty()) {
                lane.nothingBehind();
            } else {
                field.runner().queue(lane, batch);
            }
        }
    }

    private Optional<List<Batch>> claim(List<LaneState> lanes, boolean fromFloor) {
        List<Request> requests = lanes.stream()
                .map(lane -> new Request(
                        lane.right.lane(),
                        fromFloor ? lane.floor.start() : lane.claimedUpTo,
                        lane.mayHold() && !lane.held.areKnown()))
                .toList();
        // However many lanes of a sink are asked for, together they give no more than its workers could take on.
        int atOnce = SinkState.lanes(config.workersPerSink());
        long maxBytes = config.batchMaxBytes() * atOnce / Math.max(atOnce, mostOfOneSink(lanes));
        Optional<List<List<Claimed>>> claimed = claims.claim(requests, config.batchSize(), maxBytes);
        if (claimed.isPresent()) {
            long number = lastClaim;
            lastClaim = number + 1;
        }
        refused = claimed.isEmpty();
        return claimed.map(claims -> claims.stream()
                .map(claim -> new Batch(claim, fromFloor, isFull(claim, maxBytes)))
                .toList());
    }

    private static long mostOfOneSink(List<LaneState> lanes) {
        return lanes.stream()
                .collect(Collectors.groupingBy(lane -> lane.right.lane().sinkId(), Collectors.counting()))
                .values()
                .stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }

    /** Whether there may be more than what came. */
    private boolean isFull(List<Claimed> claim, long maxBytes) {
        long bytes = 0;
        for (Claimed claimed : claim) {
            bytes += size(claimed.entry());
        }
        return claim.size() >= config.batchSize() || bytes >= maxBytes;
    }

    private static int size(ClaimedEntry entry) {
        byte[] payload = entry.payload();
        return payload == null ? 0 : payload.length;
    }
}
