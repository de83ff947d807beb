package dev.dualwrite.relay.capture;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.CaptureStore;
import dev.dualwrite.outbox.jdbc.CaptureStore.Followed;
import dev.dualwrite.outbox.jdbc.CaptureStore.StrayPartition;
import dev.dualwrite.outbox.jdbc.CaptureStore.UncapturedTable;
import dev.dualwrite.relay.internal.RelayLog;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks after captured tables, at once and then every so often, on a thread of its own: whether their triggers are still there,
 * and which partitions came and went. Those it follows one by one, each in a transaction of its own, since it may wait for locks
 * and write an entry for each row, while leases must be renewed. Every relay does it, and the database lets one at a time through.
 * No failure ends it: it is told once, and tried again.
 */
public final class PartitionChore implements Runnable {

    /** Looks to wait, at most, until a partition that others keep locked is tried again. Guessed. */
    private static final int LONGEST_PAUSE = 8;

    private final CaptureStore captures;
    private final Duration interval;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Map<StrayPartition, Refused> refused = new HashMap<>();
    private Set<UncapturedTable> uncaptured = Set.of();
    private boolean failing;

    /** Why a partition was not followed at the last try; after how many looks it is tried again, and how many that were. */
    private record Refused(String problem, int looksLeft, int pause) {}

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

    /** Ends it after the partition under way, for which nobody waits. Thread-safe, returns at once. */
    public void stop() {
        stopping.countDown();
    }

    /** One look; what it finds wrong is told when it is new. */
    void look() {
        try {
            followPartitions(captures.strayPartitions());
            lookAtTriggers();
            failing = false;
        } catch (OutboxStoreException e) {
            if (stopping.getCount() > 0) {
                RelayLog.partitionsNotLookedAt(e, !failing);
            }
            failing = true;
        }
    }

    private void followPartitions(List<StrayPartition> strays) {
        refused.keySet().retainAll(strays);
        for (StrayPartition stray : strays) {
            Refused last = refused.get(stray);
            if (last != null && last.looksLeft() > 0) {
                refused.put(stray, new Refused(last.problem(), last.looksLeft() - 1, last.pause()));
            } else if (stopping.getCount() > 0) {
                captures.follow(stray).ifPresent(followed -> note(stray, followed, last));
            }
        }
    }

    private void note(StrayPartition stray, Followed followed, @Nullable Refused last) {
        String problem = followed.problem();
        if (problem == null) {
            refused.remove(stray);
            RelayLog.partitionTaken(stray, followed.referred());
            return;
        }
        RelayLog.partitionProblem(
                stray, problem, last == null || !last.problem().equals(problem));
        int pause = last == null ? 1 : Math.min(last.pause() * 2, LONGEST_PAUSE);
        refused.put(stray, followed.busy() ? new Refused(problem, pause - 1, pause) : new Refused(problem, 0, 1));
    }

    private void lookAtTriggers() {
        var now = new HashSet<>(captures.uncapturedTables());
        now.forEach(table -> RelayLog.tableNotCaptured(table, !uncaptured.contains(table)));
        uncaptured.stream()
                .filter(table -> now.stream().noneMatch(other -> isSame(table, other)))
                .forEach(RelayLog::tableCapturedAgain);
        uncaptured = now;
    }

    private static boolean isSame(UncapturedTable one, UncapturedTable other) {
        return one.sink().equals(other.sink()) && one.member().equals(other.member());
    }
}
