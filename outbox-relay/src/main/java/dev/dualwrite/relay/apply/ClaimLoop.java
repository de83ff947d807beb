package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.ClaimStore;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.jdbc.HeldStore;
import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.jdbc.LeaseStore;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.relay.internal.HeldLog;
import dev.dualwrite.relay.internal.RelayLog;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * The claim thread: looks at the primary, lets batches be claimed, and takes note of what became of them.
 *
 * <p>All state of lanes and sinks is confined to this one thread; workers and the lease thread leave notes in its inbox.
 */
public final class ClaimLoop implements Runnable {

    /** Guessed: an outage of the primary is noticed by its users sooner than by a faster loop. */
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    /** While every lane is at work a commit is no reason to look; that a person acted is noticed after so long. */
    private static final Duration WAKE_PACE = Duration.ofMillis(10);

    private static final long WAKE_PACE_NANOS = WAKE_PACE.toNanos();

    private static final Duration PAUSE_IN_DRAIN = Duration.ofMillis(500);

    /** An idle relay looks less and less often, down to so many times less. */
    private static final int LONGEST_POLL = 4;

    private static final long FLOOR_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Stores stores;
    private final ClaimConfig config;
    private final UUID relay;
    private final PrimaryWatch primary;
    private final CrashProbe probe;
    private final Events events;
    private final Map<String, Short> sinks;

    private final Workers workers;
    private final PrimaryClock clock = new PrimaryClock();
    private final Lanes lanes;
    private final Claimer claimer;
    private final BatchRunner runner;
    private final HeldTimer heldTimer;
    private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
    private final WakeUp wakeUp = new WakeUp();

    private volatile boolean stopping;
    private volatile long stopAtNanos;
    private volatile boolean drained;
    private volatile boolean polledFor = true;
    private boolean woken;
    private long controlVersion = -1;
    private long handOvers = -1;
    private long lastPoll;
    private long lastLook;
    private long lastFloorStore;
    private int idleCycles;

    /** The stores of the outbox on the primary. */
    public record Stores(ClaimStore claims, HeldStore held, LeaseStore leases, ControlStore control) {}

    /** Who this relay start is, what it tells about crash windows and held entries, and where its randomness comes from. */
    public record Identity(UUID relay, CrashProbe probe, RandomGenerator random, HeldLog log) {}

    /** What the loop tells its relay; called on a thread of the loop, must not block. */
    public interface Events {

        /** The settle of a lane was refused: another holder has it. */
        void rightLost(LaneRight right);

        /** Nothing of these lanes is under way any more, and nothing will be claimed from them. */
        void givenBack(Collection<LaneRight> rights);

        /** Somebody gave lanes back. */
        void lanesHandedOver();

        /** The primary may have forgotten what was written last, locks among it. */
        void primaryChanged();

        /** The breaker of a sink opened or closed. */
        void breakerChanged();

        /** An {@link Error} ended a thread: this process cannot be trusted any more. */
        void broken(Error error);
    }

    /** A loop that is not running. */
    public ClaimLoop(
            Stores stores, ClaimConfig config, Identity identity, Collection<ConfiguredSink> sinks, Events events) {
        this.stores = stores;
        this.config = config;
        this.relay = identity.relay();
        this.primary = new PrimaryWatch(stores.claims(), relay, this::primaryChanged);
        this.probe = identity.probe();
        this.events = events;
        this.sinks = sinks.stream().collect(Collectors.toMap(ConfiguredSink::name, ConfiguredSink::id));
        this.workers = new Workers(sinks, config.workersPerSink(), events::broken);
        this.lanes = new Lanes(workers, config.batchSize());
        var writers = new OldWriters();
        var marks = new ClaimMarks(this::lastClaim, clock);
        var worker = new LaneWorker(stores, identity, marks);
        var retries = new RetryWorker(stores, identity, config, marks);
        this.runner = new BatchRunner(workers, worker, retries, identity.random(), new RunnerNotes());
        this.claimer =
                new Claimer(stores.claims(), config, new Claimer.Field(lanes, workers, writers, runner, stores.held()));
        this.heldTimer = new HeldTimer(stores.held(), lanes, runner);
    }

    private long lastClaim() {
        return claimer.lastClaim();
    }

    /** A lane is this relay's from now on. Thread-safe. */
    public void laneTaken(LeaseStore.Taken taken) {
        note(() -> lanes.add(taken));
        wake();
    }

    /** A lane is this relay's no more. Thread-safe; a batch that is under way will find its settle refused. */
    public void laneLost(Lane lane) {
        note(() -> lanes.remove(lane));
    }

    /** Claims no more from a lane; {@link Events#givenBack} follows when nothing of it is under way. Thread-safe. */
    public void giveBack(Lane lane) {
        note(() -> lanes.leave(lane));
    }

    /** There may be something to claim. Thread-safe, returns at once. */
    public void wake() {
        polledFor = true;
        wakeUp.signal();
    }

    /** Whether the sink is being called for the lane, also for a batch of before it was lost. Thread-safe. */
    public boolean isRunning(Lane lane) {
        return workers.isRunning(lane);
    }

    /** Whether work for the lane gets on, or would: no thread that it needs hangs for that long. Thread-safe. */
    public boolean getsOn(Lane lane, Duration patience) {
        return workers.getsOn(lane, patience.toNanos());
    }

    public long applied() {
        return runner.applied();
    }

    public long stale() {
        return runner.stale();
    }

    public long coalesced() {
        return runner.coalesced();
    }

    /** For each sink whose breaker is not closed the reason. Thread-safe. */
    public Map<Short, OpenBreaker> tripped() {
        Map<Short, OpenBreaker> tripped = new TreeMap<>();
        for (SinkState sink : workers.sinks()) {
            OpenBreaker reason = sink.tripped();
            if (reason != null) {
                tripped.put(sink.sink.id(), reason);
            }
        }
        return tripped;
    }

    @Override
    public void run() {
        while (!stopping) {
            try {
                Duration pause = cycle();
                wakeUp.await(pause);
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
        drain();
    }

    /**
     * Claims nothing more, lets batches end and be settled, and gives each lane back as soon as nothing of it is under way.
     *
     * @return whether every batch ended in time; others were interrupted and will be claimed again by the next holder
     */
    public boolean stop(Duration timeout, Thread claimThread) throws InterruptedException {
        stopAtNanos = System.nanoTime() + timeout.toNanos();
        stopping = true;
        wake();
        try {
            claimThread.join(Math.max(1, timeout.toMillis()));
        } finally {
            workers.abandon();
        }
        // A sink that ignores its interrupt must not hold up the process for another timeout.
        boolean ended = workers.await(System.nanoTime() + Math.min(timeout.toNanos(), FLOOR_INTERVAL_NANOS));
        return drained && ended;
    }

    private void drain() {
        try {
            while (stopAtNanos - System.nanoTime() > 0 && !drained) {
                drained = isDrained();
                if (!drained) {
                    wakeUp.await(Duration.ofNanos(Math.max(1, stopAtNanos - System.nanoTime())));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // The leases run out by themselves.
            RelayLog.claimFailed(Duration.ZERO, e);
        }
    }

    private boolean isDrained() throws InterruptedException {
        try {
            drainInbox();
            List.copyOf(lanes.all()).forEach(lane -> lanes.leave(lane.right.lane()));
            giveBackLeft();
            return lanes.isEmpty();
        } catch (OutboxStoreException e) {
            // The primary may be back in time; what is under way would be applied twice otherwise.
            RelayLog.claimFailed(PAUSE_IN_DRAIN, e);
            new WakeUp().await(PAUSE_IN_DRAIN);
            wakeUp.signal();
            return false;
        }
    }

    private Duration cycle() throws InterruptedException {
        drainInbox();
        giveBackLeft();
        long now = System.nanoTime();
        if (polledFor) {
            // In this order: what is committed from here on asks anew, and what was before is seen by the poll and the
            // claim.
            polledFor = false;
            woken = true;
            claimer.lookAtAll();
        }
        // By a clock of its own: polls because of some lanes must not keep the others from being looked at.
        boolean lookIsDue = now - lastLook >= config.pollInterval().toNanos();
        if (lookIsDue) {
            lastLook = now;
            claimer.lookAtAll();
        }
        boolean wokenLongAgo = woken && now - lastPoll >= WAKE_PACE_NANOS;
        if (lookIsDue || wokenLongAgo || claimer.hasFreeLane(now) || heldTimer.isDue(now)) {
            woken = false;
            ClaimStore.Poll poll = stores.claims().poll();
            clock.said(poll.now());
            lastPoll = now;
            if (!primary.isSame(poll)) {
                polledFor = true;
                return Duration.ofMillis(1);
            }
            noticeControl(poll);
            // Before the claim, which makes every lane with a backlog busy: held entries must not wait for its end.
            heldTimer.retry(now, true);
            idleCycles = claimer.claim(poll, now) || !claimer.isIdle() ? 0 : idleCycles + 1;
            if (claimer.isRefused()) {
                polledFor = true;
                return Duration.ofMillis(1);
            }
            // The one trial of a sink that was down is for fresh entries: a held one may be what cannot be applied.
            heldTimer.retry(now, false);
        }
        claimer.claimAhead(now);
        storeFloors(now);
        return heldTimer.untilNextLook(now, pollPause());
    }

    private Duration pollPause() {
        if (woken) {
            return WAKE_PACE;
        }
        return config.pollInterval().multipliedBy(Math.min(LONGEST_POLL, Math.max(1, idleCycles)));
    }

    /** The fencing tokens are risen: what is under way cannot be settled, and the numbers of sinks may be others. */
    private void primaryChanged() {
        events.primaryChanged();
        // An act that was forgotten and one that was done since may have the same number.
        controlVersion = -1;
        for (LaneState lane : List.copyOf(lanes.all())) {
            lanes.remove(lane.right.lane());
            events.rightLost(lane.right);
        }
        Map<String, Short> now = stores.control().registerSinks(sinks.keySet());
        if (!now.equals(sinks)) {
            throw new Error(
                    "the primary has other numbers for the sinks of this relay: " + now + ", at the start it had "
                            + sinks + "; restart this process, and every service that appends to them");
        }
    }

    private void noticeControl(ClaimStore.Poll poll) {
        if (poll.controlVersion() != controlVersion) {
            Map<Short, ClaimStore.Pause> paused = stores.claims().pausedSinks(sinks.values());
            workers.sinks().forEach(sink -> sink.pausedByPerson(paused.get(sink.sink.id())));
            heldTimer.lookAtAll();
            controlVersion = poll.controlVersion();
        }
        if (poll.handOvers() != handOvers) {
            handOvers = poll.handOvers();
            events.lanesHandedOver();
        }
    }

    private void giveBackLeft() {
        List<LaneState> left = lanes.left();
        if (left.isEmpty()) {
            return;
        }
        Map<LaneRight, Long> floors = lanes.unstoredFloors();
        floors.keySet().retainAll(left.stream().map(lane -> lane.right).collect(Collectors.toSet()));
        if (!floors.isEmpty()) {
            stores.leases().storeFloors(floors, relay);
        }
        List<LaneRight> rights = left.stream().map(lane -> lane.right).toList();
        rights.forEach(right -> lanes.remove(right.lane()));
        events.givenBack(rights);
    }

    private void storeFloors(long now) {
        if (now - lastFloorStore < FLOOR_INTERVAL_NANOS) {
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
        stores.leases().storeFloors(floors, relay);
        lanes.floorsStored(floors);
    }

    private void note(Runnable note) {
        inbox.add(note);
        wakeUp.signal();
    }

    private void drainInbox() {
        for (Runnable note = inbox.poll(); note != null; note = inbox.poll()) {
            note.run();
        }
    }

    private void pause(RuntimeException failure) {
        RelayLog.claimFailed(PAUSE_AFTER_FAILURE, failure);
        polledFor = true;
        try {
            new WakeUp().await(PAUSE_AFTER_FAILURE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }

    private final class RunnerNotes implements BatchRunner.Notes {
        @Override
        public void note(Runnable note) {
            ClaimLoop.this.note(note);
        }

        @Override
        public void rightLost(LaneState lane) {
            if (lanes.isCurrent(lane)) {
                lanes.remove(lane.right.lane());
                events.rightLost(lane.right);
            }
        }

        @Override
        public void transactionIdAssigned(long xid, long afterClaim) {
            lanes.transactionIdAssigned(xid, afterClaim);
        }

        @Override
        public void breakerChanged() {
            events.breakerChanged();
        }

        @Override
        public void atRest() {
            claimer.stir();
        }
    }
}
