package dev.dualwrite.relay.retention;

import dev.dualwrite.outbox.jdbc.RetentionStore;
import dev.dualwrite.relay.internal.RelayLog;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Purges what is older than its retention, every so often and a bounded number of rows each time, on a thread of its own: no
 * lease and no claim waits for it. Every relay does it, and the database lets one at a time through. No failure ends it, nor keeps
 * it from the other kind: it is told once a day, and tried again with half as many rows, until that many go.
 */
public final class RetentionChore implements Runnable {

    /** Rows of one transaction: some ten milliseconds. Guessed. */
    private static final int BATCH = 1000;

    /** A failure that lasts is told again this much later. */
    private static final Duration TOLD_EVERY = Duration.ofDays(1);

    /** Of each kind in one look. With a look every five minutes a relay purges 2.9 million rows a day at most. */
    private static final int MOST_BATCHES = 10;

    private final Retention retention;
    private final Kind audit;
    private final Kind discarded;
    private final CountDownLatch stopping = new CountDownLatch(1);

    /** One transaction that purges. */
    private interface Purge {
        int atMost(int rows);
    }

    /** What is purged on its own, and how that went lately. */
    private static final class Kind {
        final Duration kept;
        final Purge purge;
        int batch = BATCH;

        /** Looks that failed since one was told. */
        int untold;

        boolean failing;

        Kind(Duration kept, Purge purge) {
            this.kept = kept;
            this.purge = purge;
        }
    }

    /** A chore that does nothing yet; its first look is an interval away, a start has better things to do. */
    public RetentionChore(RetentionStore store, Retention retention) {
        this.retention = retention;
        this.audit = new Kind(retention.audit(), rows -> store.purgeAudit(retention.audit(), rows));
        this.discarded = new Kind(retention.discarded(), rows -> store.purgeDiscarded(retention.discarded(), rows));
    }

    @Override
    public void run() {
        try {
            while (!stopping.await(retention.interval().toNanos(), TimeUnit.NANOSECONDS)) {
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
        int fromAudit = purge(audit);
        int fromDiscarded = purge(discarded);
        if (fromAudit + fromDiscarded > 0) {
            RelayLog.purged(fromAudit, fromDiscarded);
        }
    }

    private int purge(Kind kind) {
        int purged = 0;
        if (kind.kept.isZero()) {
            return purged;
        }
        try {
            for (int batch = 0; batch < MOST_BATCHES && stopping.getCount() > 0; batch++) {
                int rows = kind.purge.atMost(kind.batch);
                purged += rows;
                if (rows < kind.batch) {
                    break;
                }
            }
            kind.failing = false;
            kind.batch = BATCH;
        } catch (RuntimeException e) {
            // Whatever a pool, a driver or an aspect throws: the thread must not end for it.
            failed(kind, e);
        }
        return purged;
    }

    private void failed(Kind kind, RuntimeException failure) {
        // So many rows may take longer than one transaction may: on a store that is slow, or behind a slow trigger.
        kind.batch = Math.max(1, kind.batch / 2);
        if (stopping.getCount() == 0) {
            return;
        }
        kind.untold++;
        boolean again = retention.interval().multipliedBy(kind.untold).compareTo(TOLD_EVERY) >= 0;
        RelayLog.purgeFailed(failure, !kind.failing || again);
        if (!kind.failing || again) {
            kind.untold = 0;
        }
        kind.failing = true;
    }
}
