package dev.dualwrite.relay.lease;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.relay.internal.RelayLog;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Lanes whose rows a session of somebody else has locked, a person's psql for example: each is told once, until it was free
 * again. Confined to the lease thread.
 */
final class LockedRows {

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final Set<Lane> told = new HashSet<>();
    private boolean heartbeatTold;

    /** Returns if a statement gave up waiting for a lock; anything else is not for who met the lock to deal with. */
    static void rethrowUnlessCauseOf(RuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException refusal && LOCK_NOT_AVAILABLE.equals(refusal.getSQLState())) {
                return;
            }
        }
        throw failure;
    }

    /** The lease thread passed over these. */
    void met(Collection<Lane> lanes) {
        List<Lane> fresh = lanes.stream().filter(told::add).toList();
        if (!fresh.isEmpty()) {
            RelayLog.leaseRowLocked(names(fresh));
        }
    }

    /** These were written. */
    void free(Collection<Lane> lanes) {
        if (!told.isEmpty()) {
            lanes.forEach(told::remove);
        }
    }

    /** The heartbeat was written, or its row is locked. */
    void heartbeat(boolean written) {
        if (!written && !heartbeatTold) {
            RelayLog.leaseRowLocked(List.of("heartbeat"));
        }
        heartbeatTold = !written;
    }

    private static List<String> names(Collection<Lane> lanes) {
        return lanes.stream().map(Lane::toString).toList();
    }
}
