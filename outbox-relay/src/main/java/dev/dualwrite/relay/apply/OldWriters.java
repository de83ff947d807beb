package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.TransactionSnapshot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The writing transactions of the primary that are open for more than a second: floors do not wait for them (see {@link
 * LaneFloor}). Confined to one thread; a pure decision.
 */
final class OldWriters {

    /** Transactions of a service are over long before; a batch job is not. Guessed. */
    private static final long OLD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Map<Long, Long> runningSince = new HashMap<>();
    private final Set<Long> leftOut = new HashSet<>();

    /**
     * Takes note of a snapshot.
     *
     * @return whether a transaction that was left out has ended
     */
    boolean seen(TransactionSnapshot snapshot, long nowNanos) {
        Set<Long> running = snapshot.running();
        runningSince.keySet().retainAll(running);
        boolean ended = leftOut.retainAll(running);
        for (long xid : running) {
            long since = runningSince.computeIfAbsent(xid, x -> nowNanos);
            if (nowNanos - since >= OLD_NANOS) {
                leftOut.add(xid);
            }
        }
        return ended;
    }

    /** The smallest id of a running transaction that is not left out. */
    long xminOfOthers(TransactionSnapshot snapshot) {
        return leftOut.isEmpty() ? snapshot.xmin() : snapshot.xminWithout(leftOut);
    }
}
