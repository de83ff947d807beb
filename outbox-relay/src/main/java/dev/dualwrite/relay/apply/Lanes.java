package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.jdbc.LeaseStore.Taken;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The lanes that this relay holds, the one whose turn is next first. Confined to the claim thread; no I/O. */
final class Lanes {

    /** One that is applied, and one that waits: a worker never waits for a claim. */
    private static final int BATCHES_PER_WORKER = 2;

    private final Map<Lane, LaneState> lanes = new LinkedHashMap<>();
    private final Workers workers;
    private final int batchesPerSink;

    Lanes(Workers workers, int workersPerSink) {
        this.workers = workers;
        this.batchesPerSink = workersPerSink * BATCHES_PER_WORKER;
    }

    boolean isEmpty() {
        return lanes.isEmpty();
    }

    Collection<LaneState> all() {
        return lanes.values();
    }

    void add(Taken taken) {
        lanes.put(taken.right().lane(), new LaneState(taken.right(), taken.floor()));
    }

    void remove(Lane lane) {
        LaneState state = lanes.remove(lane);
        if (state != null) {
            state.lost = true;
        }
    }

    /** Whether this is what is known of its lane, and not what was known before the lane was lost and taken anew. */
    boolean isCurrent(LaneState lane) {
        return lanes.get(lane.right.lane()) == lane;
    }

    /** Moves a lane behind all others, so that each has its turn. */
    void touch(LaneState lane) {
        lanes.remove(lane.right.lane());
        lanes.put(lane.right.lane(), lane);
    }

    /** Lanes without a batch at a worker that do not rest, and whose sink does not pause. */
    List<LaneState> free(long nowNanos) {
        return lanes.values().stream()
                .filter(lane -> !lane.busy && !lane.isResting(nowNanos) && !workers.isRunning(lane.right.lane()))
                .filter(lane -> !workers.sinkOf(lane).isPaused(nowNanos))
                .toList();
    }

    /**
     * Takes out of {@code open} so many lanes as their sinks' workers can soon take on: what waits for a worker waits in the
     * database, not in memory. The rest stays for the next cycle, which begins when a worker is done.
     */
    List<LaneState> fitting(Deque<LaneState> open) {
        Map<SinkState, Integer> taken = new HashMap<>();
        for (LaneState lane : lanes.values()) {
            if (lane.busy) {
                taken.merge(workers.sinkOf(lane), 1, Integer::sum);
            }
        }
        var next = new ArrayList<LaneState>();
        for (Iterator<LaneState> lane = open.iterator(); lane.hasNext(); ) {
            LaneState candidate = lane.next();
            if (taken.merge(workers.sinkOf(candidate), 1, Integer::sum) <= batchesPerSink) {
                next.add(candidate);
                lane.remove();
            }
        }
        return next;
    }

    void transactionIdAssigned(long xid, long afterClaim) {
        lanes.values().forEach(lane -> lane.floor.transactionIdAssigned(xid, afterClaim));
    }

    /** The floors that the database does not know yet. */
    Map<LaneRight, Long> unstoredFloors() {
        Map<LaneRight, Long> floors = new HashMap<>();
        for (LaneState lane : lanes.values()) {
            if (lane.floorIsUnstored()) {
                floors.put(lane.right, lane.floor.value());
            }
        }
        return floors;
    }

    void floorsStored(Map<LaneRight, Long> floors) {
        for (LaneState lane : lanes.values()) {
            Long stored = floors.get(lane.right);
            if (stored != null) {
                lane.floorStored(stored);
            }
        }
    }
}
