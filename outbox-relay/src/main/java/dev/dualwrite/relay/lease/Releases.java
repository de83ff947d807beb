package dev.dualwrite.relay.lease;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LeaseStore;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * Gives leases back, all together; where somebody else has locked a row of one, the others one by one. What stays locked runs
 * out by itself. Confined to one thread at a time; blocks on the primary.
 */
final class Releases {

    private final LeaseStore leases;
    private final UUID relay;
    private final LockedRows locked;

    Releases(LeaseStore leases, UUID relay, LockedRows locked) {
        this.leases = leases;
        this.relay = relay;
        this.locked = locked;
    }

    /** Calls {@code between} after each lane that was released alone: a thousand waits can last longer than a lease. */
    void release(Collection<Lane> lanes, Runnable between) {
        if (isReleased(lanes)) {
            return;
        }
        for (Lane lane : List.copyOf(lanes)) {
            if (!isReleased(List.of(lane))) {
                locked.met(List.of(lane));
            }
            between.run();
        }
    }

    /** Gives these back and is no member from then on. */
    void leave(Collection<Lane> lanes) {
        try {
            leases.leave(lanes, relay);
        } catch (RuntimeException e) {
            LockedRows.rethrowUnlessCauseOf(e);
            release(lanes, () -> {});
            leases.leave(List.of(), relay);
        }
    }

    private boolean isReleased(Collection<Lane> lanes) {
        try {
            leases.release(lanes, relay);
            return true;
        } catch (RuntimeException e) {
            LockedRows.rethrowUnlessCauseOf(e);
            return false;
        }
    }
}
