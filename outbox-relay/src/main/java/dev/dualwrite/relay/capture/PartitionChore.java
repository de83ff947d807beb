package dev.dualwrite.relay.capture;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.CaptureStore;
import dev.dualwrite.outbox.jdbc.CaptureStore.PartitionChange;
import dev.dualwrite.relay.internal.RelayLog;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Looks after the partitions of captured tables, at once and then every so often, on a thread of its own: it may wait for locks
 * and write an entry for each row of a large partition, while leases must be renewed. Every relay does it, and the database
 * lets one at a time through. No failure ends it: it is told once, and tried again.
 */
public final class PartitionChore implements Runnable {

    private final CaptureStore captures;
    private final Duration interval;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private Set<PartitionChange> told = Set.of();
    private boolean failing;

    /** A chore that does nothing yet. */
    public PartitionChore(CaptureStore captures, Duration interval) {
        this.captures = captures;
        this.interval = interval;
    }

    @Override
    public void run() {
        try {
            do {
                look();
            } while (!stopping.await(interval.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it after the look under way, for which nobody waits. Thread-safe, returns at once. */
    public void stop() {
        stopping.countDown();
    }

    /** One look; what it finds wrong is told when it is new. */
    void look() {
        try {
            var wrong = new HashSet<PartitionChange>();
            for (PartitionChange change : captures.captureNewPartitions()) {
                if (change.problem() == null) {
                    RelayLog.partitionTaken(change);
                } else {
                    wrong.add(change);
                    RelayLog.partitionProblem(change, !told.contains(change));
                }
            }
            told = wrong;
            failing = false;
        } catch (OutboxStoreException e) {
            if (stopping.getCount() > 0) {
                RelayLog.partitionsNotLookedAt(e, !failing);
            }
            failing = true;
        }
    }
}
