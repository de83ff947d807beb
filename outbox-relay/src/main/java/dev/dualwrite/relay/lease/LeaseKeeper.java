package dev.dualwrite.relay.lease;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.jdbc.LeaseStore;
import dev.dualwrite.outbox.jdbc.LeaseStore.Taken;
import dev.dualwrite.outbox.jdbc.MemberStore;
import dev.dualwrite.outbox.jdbc.MemberStore.LockedLane;
import dev.dualwrite.outbox.jdbc.MemberStore.Sight;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.relay.internal.RelayLog;
import dev.dualwrite.relay.lease.FairShare.Own;
import dev.dualwrite.relay.lease.FairShare.Plan;
import dev.dualwrite.relay.lease.FairShare.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;

/**
 * Says that this relay lives, takes its fair share of lanes, renews them together, and gives them back. It runs on a thread
 * of its own, so that neither a slow sink nor a busy service can keep it from renewing.
 *
 * <p>Cost of an idle relay: a look every tenth of a lease, a heartbeat and a renewal every third.
 */
public final class LeaseKeeper implements Runnable {

    private static final Duration FAR_AWAY = Duration.ofDays(1);

    /** So long an orphan is kept beyond the share before it is offered again. Guessed: a pod that hangs is replaced sooner. */
    private static final int ADOPTED_FOR_LEASES = 10;

    private final LeaseConfig config;
    private final Ports ports;
    private final Events events;
    private final Membership membership;

    private final HeldLanes held = new HeldLanes();
    private final List<Lane> returned = new ArrayList<>();
    private final LockedRows locked = new LockedRows();
    private final Releases releases;
    private final Upkeep upkeep;
    private final Taker taker;
    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final AtomicBoolean lookAsked = new AtomicBoolean();
    private final LookTimes times;
    private final Orphans orphans;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile boolean leaving;

    /** What the keeper works on, and where its randomness comes from. */
    public record Ports(
            LockProvider locks, LeaseStore leases, MemberStore members, CrashProbe probe, RandomGenerator random) {}

    /** What the keeper tells the relay, on its own thread; must not block. */
    public interface Events {

        /** A heartbeat is due, a few times in a lease: for what is to be done now and then. */
        void beating();

        /** The lane may be claimed from and settled from now on. */
        void taken(Taken lane);

        /** The lane is another's, or nobody's. */
        void lost(Lane lane);

        /** Claim no more from the lane, let its batch end, and say {@link LeaseKeeper#givenBack} when nothing is under way. */
        void giveBack(Lane lane);

        /** Whether a call to the lane's sink is under way in this process. */
        boolean isRunning(Lane lane);

        /** Whether the lane is worth having: false if a call of it does not come back, or all calls to its sink do not. */
        boolean makesProgress(Lane lane);

        /** An {@link Error} ended the keeper. */
        void broken(Error error);
    }

    /** A keeper that does nothing yet; {@code breakers} gives the sinks whose breaker is open, from any thread. */
    public LeaseKeeper(LeaseConfig config, Ports ports, Events events, Supplier<Map<Short, Tripped>> breakers) {
        this.config = config;
        this.ports = ports;
        this.events = events;
        this.membership = new Membership(config, ports.members(), breakers);
        this.upkeep = new Upkeep(config, ports.leases(), membership, locked);
        this.taker = new Taker(config, ports, locked);
        this.releases = new Releases(ports.leases(), config.relay(), locked);
        this.times = new LookTimes(config.duration(), ports.random(), System.nanoTime());
        this.orphans = new Orphans(times.lookNanos());
    }

    /** Thread-safe. */
    public int lanesHeld() {
        return held.size();
    }

    /** How many of them are of that sink. Thread-safe. */
    public int lanesHeld(short sinkId) {
        return held.size(sinkId);
    }

    /** Unlocks a lane whose settle was refused, so that it is taken anew with a new token. Thread-safe, returns at once. */
    public void giveUp(LaneRight right) {
        inbox.add(() -> dropAndUnlock(right));
    }

    /** Nothing of these lanes is under way any more, and their floors are stored. Thread-safe, returns at once. */
    public void givenBack(Collection<LaneRight> rights) {
        inbox.add(() -> rights.stream().filter(held::isOf).map(LaneRight::lane).forEach(lane -> {
            held.giveBack(lane);
            returned.add(lane);
        }));
    }

    /** Others may have given lanes back. Thread-safe, returns at once; many calls before the look count as one. */
    public void lookNow() {
        if (lookAsked.compareAndSet(false, true)) {
            inbox.add(() -> {
                lookAsked.set(false);
                times.lookNow(System.nanoTime());
            });
        }
    }

    /** A breaker opened or closed: it is written at once and not with the next heartbeat. Thread-safe, returns at once. */
    public void breakerChanged() {
        inbox.add(this::beat);
    }

    @Override
    public void run() {
        while (isRunning()) {
            try {
                round();
                Runnable work = inbox.poll(times.untilNext(System.nanoTime()), TimeUnit.NANOSECONDS);
                for (; work != null && isRunning(); work = inbox.poll()) {
                    work.run();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                // The loop boundary: leases that cannot be renewed run out, and that is safe.
                RelayLog.leaseRoundFailed(e);
                pause(times.lookNanos());
            } catch (Error e) {
                events.broken(e);
                throw e;
            }
        }
    }

    /**
     * Is no member from now on and takes no lane, so that others share out what this relay will give back; goes on renewing
     * the lanes it has. Thread-safe, returns at once.
     */
    public void leave() {
        leaving = true;
        inbox.add(() -> ports.leases().leave(List.of(), config.relay()));
    }

    /**
     * Takes nothing more and renews nothing more; the leases stay until they are released or run out. The thread ends where
     * it knows what it holds; only if that takes too long it is interrupted.
     */
    public void stop(Thread keeperThread, Duration timeout) throws InterruptedException {
        leaving = true;
        stopping.countDown();
        inbox.add(() -> {});
        keeperThread.join(Math.max(1, timeout.toMillis()));
        keeperThread.interrupt();
    }

    /**
     * Gives every lease back at once, except those of lanes that still have a batch under way, and ends the membership. After
     * {@link #stop}.
     */
    public void release() {
        beforeUnlock();
        List<Lane> free = held.longestFirst().stream()
                .filter(lane -> !events.isRunning(lane))
                .toList();
        held.clear();
        try {
            releases.leave(free);
        } catch (RuntimeException e) {
            // They run out by themselves.
            RelayLog.leaseRoundFailed(e);
        }
    }

    private void round() {
        unlockReturned();
        beatIfDue();
        if (times.isLookDue(System.nanoTime())) {
            look();
        }
    }

    private boolean isRunning() {
        return stopping.getCount() > 0;
    }

    /** Whether the heartbeat was written, or is not needed. */
    private boolean beat() {
        if (leaving) {
            return true;
        }
        return upkeep.beat();
    }

    /** The heartbeat first: so no member counts as alive for longer than its locks do. */
    private void beatIfDue() {
        long now = System.nanoTime();
        if (times.isBeatDue(now)) {
            events.beating();
            boolean written = beat();
            renew(now);
            if (written && (leaving || upkeep.unrenewed().isEmpty())) {
                times.beaten(now);
            } else {
                times.beatenInPart(now);
            }
        }
    }

    private void renew(long now) {
        var working = new ArrayList<Lane>();
        var stalled = new ArrayList<Lane>();
        held.longestFirst().forEach(lane -> (events.makesProgress(lane) ? working : stalled).add(lane));
        drop(stalled, "no_progress");
        upkeep.renew(working);
        if (leaving) {
            // Nobody looks any more.
            drop(upkeep.unrenewed(), "ran_out");
        } else if (!upkeep.unrenewed().isEmpty()) {
            // It tells those that ran out from those whose row is locked.
            times.lookNow(now);
        }
    }

    private void look() {
        long now = System.nanoTime();
        if (leaving) {
            times.looked(now, FAR_AWAY);
            return;
        }
        Sight sight = ports.members().look(config.sinkIds());
        times.looked(now, soonestExpiry(sight));
        dropWhatRanOut(sight);
        locked.met(upkeep.unrenewed().stream().filter(held::contains).toList());
        String me = config.relay().toString();
        if (sight.members().stream().noneMatch(member -> member.relay().equals(me))) {
            // Paused for longer than a lease, or removed: a member again first, and then a share.
            times.beatNow(now);
            return;
        }
        Plan plan = FairShare.plan(new View(me, sight.members(), sight.lanes(), own(sight, now)));
        membership.fairShare(plan.share());
        giveBack(plan.giveBack());
        take(plan);
    }

    private Own own(Sight sight, long now) {
        List<Lane> free = sight.lanes().stream()
                .filter(lane -> lane.holder() == null)
                .map(LockedLane::lane)
                .toList();
        // A call that did not come back: another relay may have the lane, this one would only start a second call. And
        // where all threads of a sink hang, it could not even do that.
        Set<Lane> unable = free.stream()
                .filter(lane -> events.isRunning(lane) || !events.makesProgress(lane))
                .collect(Collectors.toCollection(HashSet::new));
        return new Own(
                held.longestFirst(),
                held.givingBack(),
                unable,
                orphans.seen(free, now),
                held.adoptedSince(now, ADOPTED_FOR_LEASES * config.duration().toNanos()));
    }

    private Duration soonestExpiry(Sight sight) {
        return sight.lanes().stream()
                .filter(lane -> lane.holder() != null && !held.contains(lane.lane()))
                .map(LockedLane::left)
                .min(Comparator.naturalOrder())
                .orElse(FAR_AWAY);
    }

    /** This thread alone takes and unlocks, so a lane of ours whose lock is not ours ran out before the look. */
    private void dropWhatRanOut(Sight sight) {
        String me = config.relay().toString();
        drop(
                sight.lanes().stream()
                        .filter(lane -> held.contains(lane.lane()) && !me.equals(lane.holder()))
                        .map(LockedLane::lane)
                        .toList(),
                "ran_out");
    }

    private void giveBack(List<Lane> lanes) {
        for (Lane lane : lanes) {
            held.giveBack(lane);
            events.giveBack(lane);
        }
    }

    private void unlockReturned() {
        returned.removeIf(lane -> !held.isGivingBack(lane));
        if (returned.isEmpty()) {
            return;
        }
        beforeUnlock();
        releases.release(returned, this::beatIfDue);
        returned.forEach(held::remove);
        RelayLog.lanesGivenBack(config.relay().toString(), returned.size(), held.size(), membership.fairShare());
        returned.clear();
    }

    private void beforeUnlock() {
        // CRASH: FLOOR_STORED_NOT_UNLOCKED: the locks run out by themselves, the lanes wait for that long.
        ports.probe().reached(CrashWindow.FLOOR_STORED_NOT_UNLOCKED);
    }

    private void take(Plan plan) {
        int taken = 0;
        for (Lane lane : plan.all()) {
            if (leaving) {
                break;
            }
            if (take(lane)) {
                taken++;
                if (plan.adopt().contains(lane)) {
                    held.adopted(lane, System.nanoTime());
                }
            }
            // Taking a thousand lanes can last longer than a lease.
            beatIfDue();
        }
        if (taken > 0) {
            RelayLog.lanesTaken(config.relay().toString(), taken, held.size(), membership.fairShare());
        }
    }

    private boolean take(Lane lane) {
        Optional<Taker.Won> won = taker.take(lane);
        won.ifPresent(w -> {
            held.add(w.taken().right(), w.lock());
            events.taken(w.taken());
        });
        return won.isPresent();
    }

    private void drop(List<Lane> lanes, String reason) {
        if (lanes.isEmpty()) {
            return;
        }
        lanes.forEach(held::remove);
        upkeep.forget(lanes);
        RelayLog.leasesLost(lanes.stream().map(Lane::toString).toList(), reason);
        lanes.forEach(events::lost);
    }

    private void dropAndUnlock(LaneRight right) {
        // Ran out and was taken anew since: the right that was refused is gone already.
        SimpleLock lock = held.isOf(right) ? held.remove(right.lane()) : null;
        if (lock != null) {
            drop(List.of(right.lane()), "settle_refused");
            lock.unlock();
            times.lookNow(System.nanoTime());
        }
    }

    private void pause(long nanos) {
        try {
            boolean ignored = stopping.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping.countDown();
        }
    }
}
