package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.ClaimStore;
import dev.dualwrite.outbox.jdbc.ClaimStore.Claimed;
import dev.dualwrite.outbox.jdbc.ClaimStore.Request;
import dev.dualwrite.outbox.jdbc.HeldStore;
import dev.dualwrite.outbox.jdbc.HeldStore.HeldLane;
import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.jdbc.LeaseStore;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.relay.apply.LaneState.Limits;
import dev.dualwrite.relay.internal.RelayLog;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The claim thread: looks at the primary, claims for every lane that is free, hands batches to the workers of the lane's
 * sink, and takes note of what became of them.
 *
 * <p>All state of lanes and sinks is confined to this one thread; workers and the lease thread leave notes in its inbox. A
 * lane has at most one batch at a worker, so its batches are applied and settled one after the other.
 */
public final class ClaimLoop implements Runnable {

    /** Guessed: an outage of the primary is noticed by its users sooner than by a faster loop. */
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private static final long HELD_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long FLOOR_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ClaimStore claims;
    private final HeldStore held;
    private final LeaseStore leases;
    private final ClaimConfig config;
    private final UUID relay;
    private final CrashProbe probe;
    private final RandomGenerator random;
    private final Events events;
    private final LaneWorker worker;

    private final Workers workers;
    private final Lanes lanes;
    private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
    private final WakeUp wakeUp = new WakeUp();
    private final LongAdder applied = new LongAdder();
    private final LongAdder stale = new LongAdder();

    private volatile boolean stopping;
    private volatile long lastClaim;
    private long controlVersion = -1;
    private long lastHeldLook;
    private long lastFloorStore;
    private boolean idle;

    /** The three stores of the outbox on the primary. */
    public record Stores(ClaimStore claims, HeldStore held, LeaseStore leases) {}

    /** Who this relay start is, what it tells about crash windows, and where its randomness comes from. */
    public record Identity(UUID relay, CrashProbe probe, RandomGenerator random) {}

    /** What the loop tells its relay; called on a thread of the loop, must not block. */
    public interface Events {

        /** The settle of a lane was refused: another holder has it. */
        void rightLost(Lane lane);

        /** An {@link Error} ended a thread: this process cannot be trusted any more. */
        void broken(Error error);
    }

    /** A loop that is not running. */
    public ClaimLoop(
            Stores stores, ClaimConfig config, Identity identity, Collection<ConfiguredSink> sinks, Events events) {
        this.claims = stores.claims();
        this.held = stores.held();
        this.leases = stores.leases();
        this.config = config;
        this.relay = identity.relay();
        this.probe = identity.probe();
        this.random = identity.random();
        this.events = events;
        this.worker = new LaneWorker(stores, identity, config, () -> lastClaim);
        this.workers = new Workers(sinks, config.workersPerSink(), events::broken);
        this.lanes = new Lanes(workers, config.workersPerSink());
    }

    /** A lane is this relay's from now on. Thread-safe. */
    public void laneTaken(LeaseStore.Taken taken) {
        note(() -> lanes.add(taken));
    }

    /** A lane is this relay's no more. Thread-safe; a batch that is under way will find its settle refused. */
    public void laneLost(Lane lane) {
        note(() -> lanes.remove(lane));
    }

    /** There may be something to claim. Thread-safe, returns at once. */
    public void wake() {
        wakeUp.signal();
    }

    /** Whether a worker of this relay is inside a batch of the lane, also of one that is lost meanwhile. Thread-safe. */
    public boolean isRunning(Lane lane) {
        return workers.isRunning(lane);
    }

    /** How long a worker has been inside a batch of a lane, in nanoseconds; 0 if none is. Thread-safe. */
    public long busyNanos(Lane lane) {
        return workers.runningNanos(lane);
    }

    public long applied() {
        return applied.sum();
    }

    public long stale() {
        return stale.sum();
    }

    @Override
    public void run() {
        while (!stopping) {
            try {
                wakeUp.await(cycle());
            } catch (OutboxStoreException e) {
                pause(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                // The loop boundary: whatever it was, the next cycle starts from what the database says.
                RelayLog.claimBroken(e);
                pause(e);
            } catch (Error e) {
                events.broken(e);
                throw e;
            }
        }
    }

    /**
     * Claims nothing more, lets batches end, and stores the floors.
     *
     * @return whether every batch ended in time; others were interrupted and will be claimed again by the next holder
     */
    public boolean stop(Duration timeout, Thread claimThread) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        stopping = true;
        wake();
        claimThread.join(Math.max(1, timeout.toMillis()));
        boolean stillClaims = claimThread.isAlive();
        boolean inTime = workers.stop(deadline) && !stillClaims;
        if (inTime) {
            storeLastFloors();
        }
        return inTime;
    }

    /** The claim thread has ended, so its state may be used here. */
    private void storeLastFloors() {
        try {
            drainInbox();
            storeFloors(0);
        } catch (RuntimeException e) {
            // Only a service to the next holder: it starts at an older floor.
            RelayLog.claimFailed(Duration.ZERO, e);
        }
    }

    private Duration cycle() throws InterruptedException {
        drainInbox();
        if (lanes.isEmpty()) {
            return config.pollInterval();
        }
        ClaimStore.Poll poll = claims.poll();
        if (poll.controlVersion() != controlVersion) {
            controlVersion = poll.controlVersion();
            lanes.all().forEach(lane -> {
                lane.mayHold = true;
                lane.promoteHeads = true;
            });
        }
        long now = System.nanoTime();
        // Before the claim, which makes every lane with a backlog busy: held entries must not wait for its end.
        retryHeld(now);
        claim(poll);
        storeFloors(now);
        return config.pollInterval();
    }

    private void claim(ClaimStore.Poll poll) {
        Deque<LaneState> open = lanes.free(System.nanoTime()).stream()
                .filter(lane -> !lane.floor.hasReached(poll.lastSequence()))
                .collect(Collectors.toCollection(ArrayDeque::new));
        // Nothing was settled since the last look, so nobody else brings a transaction id.
        if (idle && open.stream().anyMatch(lane -> lane.floor.wantsTransactionId())) {
            long afterClaim = lastClaim;
            lanes.transactionIdAssigned(claims.assignTransactionId(), afterClaim);
        }
        idle = true;
        for (List<LaneState> next = lanes.fitting(open); !next.isEmpty(); next = lanes.fitting(open)) {
            claim(poll, next);
        }
    }

    private void claim(ClaimStore.Poll poll, List<LaneState> free) {
        List<Request> requests = free.stream()
                .map(lane -> new Request(lane.right.lane(), lane.floor.value(), lane.mayHold))
                .toList();
        List<List<Claimed>> claimed = claims.claim(requests, config.batchSize(), config.batchMaxBytes());
        long number = lastClaim + 1;
        var limits = new Limits(config.batchSize(), config.batchMaxBytes());
        int entries = 0;
        for (int i = 0; i < free.size(); i++) {
            LaneState lane = free.get(i);
            entries += lane.claimed(claimed.get(i), poll, limits, number);
        }
        lastClaim = number;
        idle &= entries == 0;
        for (int i = 0; i < free.size(); i++) {
            List<Claimed> batch = claimed.get(i);
            LaneState lane = free.get(i);
            if (!batch.isEmpty()) {
                submit(lane, sink -> worker.work(sink, lane.right, batch));
            }
        }
    }

    private void retryHeld(long now) {
        if (now - lastHeldLook < HELD_INTERVAL_NANOS) {
            return;
        }
        List<LaneState> candidates =
                lanes.free(now).stream().filter(lane -> lane.mayHold).toList();
        if (candidates.isEmpty()) {
            return;
        }
        lastHeldLook = now;
        List<HeldLane> looks =
                held.lanes(candidates.stream().map(lane -> lane.right.lane()).toList());
        for (int i = 0; i < candidates.size(); i++) {
            LaneState lane = candidates.get(i);
            lane.mayHold = looks.get(i).held();
            if (looks.get(i).due() || (lane.mayHold && lane.promoteHeads)) {
                boolean promote = lane.promoteHeads;
                lane.promoteHeads = false;
                submit(lane, sink -> worker.retry(sink, lane.right, promote));
            }
        }
    }

    private void submit(LaneState lane, Workers.Work work) {
        lane.busy = true;
        lanes.touch(lane);
        workers.submit(lane, work, new Workers.Ending() {
            @Override
            public void ended(LaneWorker.@Nullable Result result) {
                note(() -> ClaimLoop.this.ended(lane, result));
            }

            @Override
            public void broken() {
                note(() -> ClaimLoop.broken(lane));
            }
        });
    }

    private void ended(LaneState lane, LaneWorker.@Nullable Result result) {
        lane.busy = false;
        if (result == null) {
            return;
        }
        Outcome outcome = result.outcome();
        SinkState sink = workers.sinkOf(lane);
        applied.add(outcome.applied());
        stale.add(outcome.done().size() - outcome.applied());
        Exception storeFailure = outcome.storeFailure();
        if (storeFailure != null) {
            long now = System.nanoTime();
            sink.storeFailed(storeFailure, now, random);
            // Its own pause too: other lanes that work must not make this one try again at once.
            lane.restUntil(
                    now + sink.sink.backoff().after(lane.storeFailed(), random).toNanos());
        } else if (!outcome.done().isEmpty()) {
            lane.storeWorked();
            sink.storeWorked();
        }
        if (!outcome.failures().isEmpty()) {
            lane.mayHold = true;
        }
        boolean settledSomething =
                !outcome.done().isEmpty() || !outcome.failures().isEmpty();
        if (settledSomething && result.xid().isEmpty()) {
            if (lanes.isCurrent(lane)) {
                lanes.remove(lane.right.lane());
                events.rightLost(lane.right.lane());
            }
            return;
        }
        result.xid().ifPresent(xid -> lanes.transactionIdAssigned(xid, result.afterClaim()));
        if (result.whole()) {
            lane.floor.settled();
        } else {
            lane.floor.abandoned();
        }
    }

    private static void broken(LaneState lane) {
        lane.busy = false;
        lane.floor.abandoned();
        lane.restUntil(System.nanoTime() + PAUSE_AFTER_FAILURE.toNanos());
    }

    private void storeFloors(long now) {
        if (now != 0 && now - lastFloorStore < FLOOR_INTERVAL_NANOS) {
            return;
        }
        lastFloorStore = now;
        Map<LaneRight, Long> floors = lanes.unstoredFloors();
        if (floors.isEmpty()) {
            return;
        }
        // CRASH: SETTLED_FLOOR_NOT_STORED: the next holder starts at an older floor and only reads more dead index
        // entries.
        probe.reached(CrashWindow.SETTLED_FLOOR_NOT_STORED);
        leases.storeFloors(floors, relay);
        lanes.floorsStored(floors);
    }

    private void note(Runnable note) {
        inbox.add(note);
        wake();
    }

    private void drainInbox() {
        for (Runnable note = inbox.poll(); note != null; note = inbox.poll()) {
            note.run();
        }
    }

    private void pause(RuntimeException failure) {
        RelayLog.claimFailed(PAUSE_AFTER_FAILURE, failure);
        try {
            new WakeUp().await(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }
}
