package dev.dualwrite.relay.lease;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LeaseStore;
import dev.dualwrite.outbox.jdbc.LeaseStore.Taken;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.relay.internal.RelayLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import net.javacrumbs.shedlock.core.ClockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;

/**
 * Takes the locks of free lanes, raises their fencing tokens, renews them together, and gives them back. It runs on a thread
 * of its own, so that neither a slow sink nor a busy service can keep it from renewing.
 *
 * <p>A lane is taken in two steps, the lock and then the token. Only the token lets a holder settle, and it can only be
 * raised under a live lock, so a holder that wakes up after its lock ran out and was taken by another changes nothing.
 */
public final class LeaseKeeper implements Runnable {

    /** A lane whose holder died is taken over at most so long after its lease ended: a tenth of a lease. */
    private static final int LOOKS_PER_LEASE = 10;

    private static final int RENEWALS_PER_LEASE = 3;

    /** More than any relay will carry; it bounds the statement. */
    private static final int MAX_LANES_AT_ONCE = 4096;

    private final LeaseConfig config;
    private final LockProvider locks;
    private final LeaseStore store;
    private final CrashProbe probe;
    private final Events events;

    private final Map<Lane, SimpleLock> held = new ConcurrentHashMap<>();
    private final BlockingQueue<Lane> givenUp = new LinkedBlockingQueue<>();
    private volatile boolean stopping;
    private long renewedAt;

    /** What the keeper tells the relay, on its own thread; must not block. */
    public interface Events {

        /** The lane may be claimed from and settled from now on. */
        void taken(Taken lane);

        /** The lane is another's, or nobody's. */
        void lost(Lane lane);

        /** Whether a call to the lane's sink is under way in this process. */
        boolean isRunning(Lane lane);

        /** Whether the lane is worth renewing: false if a call to its sink does not come back. */
        boolean makesProgress(Lane lane);

        /** An {@link Error} ended the keeper. */
        void broken(Error error);
    }

    public LeaseKeeper(LeaseConfig config, LockProvider locks, LeaseStore store, CrashProbe probe, Events events) {
        this.config = config;
        this.locks = locks;
        this.store = store;
        this.probe = probe;
        this.events = events;
    }

    public int lanesHeld() {
        return held.size();
    }

    /** Unlocks a lane whose settle was refused, so that it is taken anew with a new token. Thread-safe, returns at once. */
    public void giveUp(Lane lane) {
        givenUp.add(lane);
    }

    @Override
    public void run() {
        Duration look = config.duration().dividedBy(LOOKS_PER_LEASE);
        while (!stopping) {
            try {
                round();
                Lane lane = givenUp.poll(look.toMillis(), TimeUnit.MILLISECONDS);
                if (lane != null && !stopping) {
                    dropAndUnlock(lane, "settle_refused");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                // The loop boundary: leases that cannot be renewed run out, and that is safe.
                RelayLog.leaseRoundFailed(e);
                pause(look);
            } catch (Error e) {
                events.broken(e);
                throw e;
            }
        }
    }

    /** Takes nothing more and renews nothing more; the leases stay until they are released or run out. */
    public void stop(Thread keeperThread, Duration timeout) throws InterruptedException {
        stopping = true;
        keeperThread.interrupt();
        keeperThread.join(Math.max(1, timeout.toMillis()));
    }

    /** Gives every lease back at once, except those of lanes that still have a batch under way. After {@link #stop}. */
    public void release() {
        // CRASH: FLOOR_STORED_NOT_UNLOCKED: the locks run out by themselves, the lanes wait for that long.
        probe.reached(CrashWindow.FLOOR_STORED_NOT_UNLOCKED);
        List<Lane> free =
                held.keySet().stream().filter(lane -> !events.isRunning(lane)).toList();
        held.clear();
        if (free.isEmpty()) {
            return;
        }
        try {
            store.release(free, config.relay());
        } catch (RuntimeException e) {
            // They run out by themselves.
            RelayLog.leaseRoundFailed(e);
        }
    }

    private void round() {
        renewIfDue();
        takeFreeLanes();
    }

    private void renewIfDue() {
        long now = System.nanoTime();
        if (!held.isEmpty() && now - renewedAt >= config.duration().toNanos() / RENEWALS_PER_LEASE) {
            renew();
            renewedAt = now;
        }
    }

    private void renew() {
        List<Lane> working = new ArrayList<>();
        for (Lane lane : held.keySet()) {
            if (events.makesProgress(lane)) {
                working.add(lane);
            } else {
                drop(lane, "no_progress");
            }
        }
        Set<String> renewed = store.renew(working, config.relay(), config.duration());
        for (Lane lane : working) {
            if (!renewed.contains(lane.lockName())) {
                drop(lane, "ran_out");
            }
        }
    }

    private void takeFreeLanes() {
        int taken = 0;
        for (Lane lane : store.freeLanes(config.sinkIds(), MAX_LANES_AT_ONCE)) {
            if (stopping) {
                return;
            }
            // A call that did not come back: another relay may have the lane, this one would only start a second call.
            if (!events.isRunning(lane) && take(lane)) {
                taken++;
            }
            // Taking a thousand lanes can last longer than a lease.
            renewIfDue();
        }
        if (taken > 0) {
            RelayLog.lanesTaken(config.relay().toString(), taken, held.size());
        }
    }

    private boolean take(Lane lane) {
        if (held.containsKey(lane)) {
            // The lock that this relay believes to hold is free: it ran out.
            drop(lane, "ran_out");
        }
        Optional<SimpleLock> lock = locks.lock(
                new LockConfiguration(ClockProvider.now(), lane.lockName(), config.duration(), Duration.ZERO));
        if (lock.isEmpty()) {
            return false;
        }
        // CRASH: LEASED_NOT_FENCED: the lock runs out, the token is as it was, the lane waits for that long.
        probe.reached(CrashWindow.LEASED_NOT_FENCED);
        Optional<Taken> taken = fence(lane, lock.get());
        if (taken.isEmpty()) {
            return false;
        }
        if (held.isEmpty()) {
            renewedAt = System.nanoTime();
        }
        held.put(lane, lock.get());
        events.taken(taken.get());
        return true;
    }

    private Optional<Taken> fence(Lane lane, SimpleLock lock) {
        Optional<Taken> taken = Optional.empty();
        try {
            taken = store.take(lane, config.relay());
            return taken;
        } finally {
            if (taken.isEmpty()) {
                lock.unlock();
            }
        }
    }

    private void drop(Lane lane, String reason) {
        held.remove(lane);
        RelayLog.leaseLost(lane.toString(), reason);
        events.lost(lane);
    }

    private void dropAndUnlock(Lane lane, String reason) {
        SimpleLock lock = held.get(lane);
        if (lock != null) {
            drop(lane, reason);
            lock.unlock();
        }
    }

    private void pause(Duration pause) {
        try {
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }
}
