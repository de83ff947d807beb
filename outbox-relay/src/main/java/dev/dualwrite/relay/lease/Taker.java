package dev.dualwrite.relay.lease;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LeaseStore.Taken;
import dev.dualwrite.outbox.spi.CrashWindow;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.javacrumbs.shedlock.core.ClockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;

/**
 * Takes a lane in two steps, the lock and then the token. Only the token lets a holder settle, and it can only be raised under
 * a live lock, so a holder that wakes up after its lock ran out and was taken by another changes nothing. Confined to the lease
 * thread; blocks on the primary.
 */
final class Taker {

    private final LeaseConfig config;
    private final LeaseKeeper.Ports ports;
    private final LockedRows locked;

    Taker(LeaseConfig config, LeaseKeeper.Ports ports, LockedRows locked) {
        this.config = config;
        this.ports = ports;
        this.locked = locked;
    }

    /** A lane that is this relay's. */
    record Won(Taken taken, SimpleLock lock) {}

    /** Empty if another was faster, or somebody has locked a row of it. */
    Optional<Won> take(Lane lane) {
        Optional<SimpleLock> lock = ports.locks()
                .lock(new LockConfiguration(ClockProvider.now(), lane.lockName(), config.duration(), Duration.ZERO));
        if (lock.isEmpty()) {
            return Optional.empty();
        }
        // CRASH: LEASED_NOT_FENCED: the lock runs out, the token is as it was, the lane waits for that long.
        ports.probe().reached(CrashWindow.LEASED_NOT_FENCED);
        Optional<Taken> taken = fence(lane, lock.get());
        if (taken.isPresent()) {
            locked.free(List.of(lane));
        }
        return taken.map(t -> new Won(t, lock.get()));
    }

    private Optional<Taken> fence(Lane lane, SimpleLock lock) {
        Optional<Taken> taken = Optional.empty();
        try {
            taken = ports.leases().take(lane, config.relay());
            return taken;
        } catch (RuntimeException e) {
            LockedRows.rethrowUnlessCauseOf(e);
            locked.met(List.of(lane));
            return taken;
        } finally {
            if (taken.isEmpty()) {
                lock.unlock();
            }
        }
    }
}
