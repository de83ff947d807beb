package dev.dualwrite.outbox.jdbc;

import java.util.Set;

/**
 * Which writing transactions of the primary had ended at one moment. Immutable. A prepared transaction counts as running.
 *
 * @param xmin every transaction with a smaller id had ended
 * @param xmax no transaction with this or a larger id had ended; ids are assigned in rising order
 * @param running those between the two that had not ended
 */
public record TransactionSnapshot(long xmin, long xmax, Set<Long> running) {

    public TransactionSnapshot {
        running = Set.copyOf(running);
    }

    /** The smallest id of a running transaction other than these; {@link #xmax} if there is none. */
    public long xminWithout(Set<Long> others) {
        return running.stream()
                .filter(xid -> !others.contains(xid))
                .mapToLong(Long::longValue)
                .min()
                .orElse(xmax);
    }
}
