package dev.dualwrite.relay.retention;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.RetentionStore;
import dev.dualwrite.relay.internal.RelayLog;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Purges what is older than its retention, every so often and a bounded number of rows each time, on a thread of its own: no
 * lease and no claim waits for it. Every relay does it, and the database lets one at a time through. No failure ends it: it is
 * told once, and tried again.
 */
public final class RetentionChore implements Runnable {

    /** Rows of one transaction: some ten milliseconds. Guessed. */
    private static final int BATCH = 1000;

    /** Of each kind in one look. With a look every five minutes a relay purges 2.9 million rows a day at most. */
    private static final int MOST_BATCHES = 10;

    private final RetentionStore store;
    private final Retention retention;
    private final Duration interval;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private boolean failing;

    /** One transaction that purges. */
    private interface Purge {
        int atMost(int rows);
    }

    /** A chore that does nothing yet; its first look is an interval away, a start has better things to do. */
    public RetentionChore(RetentionStore store, Retention retention, Duration interval) {
        this.store = store;
        this.retention = retention;
        this.interval = interval;
    }

    @Override
    public void run() {
        try {
            while (!stopping.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it after the batch under way, for which nobody waits. Thread-safe, returns at once. */
    public void stop() {
        stopping.countDown();
    }

    /** One look. */
    void look() {
        try {
            int audit = purge(retention.audit(), rows -> store.purgeAudit(retention.audit(), rows));
            int discarded = purge(retention.discarded(), rows -> store.purgeDiscarded(retention.discarded(), rows));
            if (audit + discarded > 0) {
                RelayLog.purged(audit, discarded);
            }
            failing = false;
        } catch (OutboxStoreException e) {
            if (stopping.getCount() > 0) {
                RelayLog.purgeFailed(e, !failing);
            }
            failing = true;
        }
    }

    private int purge(Duration kept, Purge purge) {
        int purged = 0;
        if (!kept.isZero()) {
            for (int batch = 0; batch < MOST_BATCHES && stopping.getCount() > 0; batch++) {
                int rows = purge.atMost(BATCH);
                purged += rows;
                if (rows < BATCH) {
                    break;
                }
            }
        }
        return purged;
    }
}
