package dev.dualwrite.relay.lease;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LeaseStore;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Writes that this relay lives, and renews what it holds. Confined to the lease thread; blocks on the primary. */
final class Upkeep {

    private final LeaseConfig config;
    private final LeaseStore leases;
    private final Membership membership;
    private final LockedRows locked;
    private final Set<Lane> unrenewed = new HashSet<>();

    Upkeep(LeaseConfig config, LeaseStore leases, Membership membership, LockedRows locked) {
        this.config = config;
        this.leases = leases;
        this.membership = membership;
        this.locked = locked;
    }

    /** Whether the heartbeat was written: not if somebody has locked its row. */
    boolean beat() {
        boolean written = false;
        try {
            membership.beat();
            written = true;
        } catch (RuntimeException e) {
            LockedRows.rethrowUnlessCauseOf(e);
        }
        locked.heartbeat(written);
        return written;
    }

    /** Renews the locks of these lanes together. */
    void renew(List<Lane> lanes) {
        unrenewed.clear();
        if (lanes.isEmpty()) {
            return;
        }
        Set<String> renewed = leases.renew(lanes, config.relay(), config.duration());
        for (Lane lane : lanes) {
            if (renewed.contains(lane.lockName())) {
                locked.free(List.of(lane));
            } else {
                unrenewed.add(lane);
            }
        }
    }

    /** These are held no more. */
    void forget(List<Lane> lanes) {
        lanes.forEach(unrenewed::remove);
    }

    /** Those that the last renewal passed over: they ran out, or somebody has locked their rows. */
    List<Lane> unrenewed() {
        return List.copyOf(unrenewed);
    }
}
