package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.jdbc.LeaseStore.Taken;
import java.util.ArrayDeque;
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

    private final Map<Lane, LaneState> lanes = new LinkedHashMap<>();
    private final Workers workers;
    private final int batchSize;

    Lanes(Workers workers, int batchSize) {
        this.workers = workers;
        this.batchSize = batchSize;
    }

    boolean isEmpty() {
        return lanes.isEmpty();
    }

    Collection<LaneState> all() {
        return lanes.values();
    }

    void add(Taken taken) {
        remove(taken.right().lane());
        lanes.put(taken.right().lane(), new LaneState(taken, batchSize));
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

    /** From now on nothing is claimed from the lane any more. */
    void leave(Lane lane) {
        LaneState state = lanes.get(lane);
        if (state != null) {
            state.leaving = true;
            state.forgetNext();
        }
    }

    /** Lanes to be given back of which nothing is under way any more. */
    List<LaneState> left() {
        return lanes.values().stream()
                .filter(lane -> lane.leaving && lane.isAtRest())
                .toList();
    }

    /** Whether nothing keeps work from the lane's sink. */
    boolean worksWell(LaneState lane) {
        return workers.sinkOf(lane).worksWell();
    }

    /** Moves a lane behind all others, so that each has its turn. */
    void touch(LaneState lane) {
        lanes.remove(lane.right.lane());
        lanes.put(lane.right.lane(), lane);
    }

    /** Lanes of which nothing is under way, that do not rest, and whose sink takes something. */
    List<LaneState> free(long nowNanos) {
        return lanes.values().stream()
                .filter(lane -> lane.isAtRest() && !lane.leaving && !lane.isResting(nowNanos))
                .filter(lane -> !workers.isRunning(lane.right.lane()))
                .filter(lane -> workers.sinkOf(lane).capacity(nowNanos) > 0)
                .toList();
    }

    /**
     * Takes out of {@code open} so many lanes as their sinks can take on. The rest stays for the next cycle, which begins when a
     * worker is done.
     */
    List<LaneState> fitting(Deque<LaneState> open, long nowNanos) {
        Map<SinkState, Integer> taken = new HashMap<>();
        for (LaneState lane : lanes.values()) {
            if (!lane.isAtRest()) {
                taken.merge(workers.sinkOf(lane), 1, Integer::sum);
            }
        }
        var next = new ArrayList<LaneState>();
        for (Iterator<LaneState> lane = open.iterator(); lane.hasNext(); ) {
            LaneState candidate = lane.next();
            SinkState sink = workers.sinkOf(candidate);
            if (taken.merge(sink, 1, Integer::sum) <= sink.capacity(nowNanos)) {
                next.add(candidate);
                lane.remove();
            }
        }
        return next;
    }

    /** Whether the sink of a lane at rest can take on one more lane. */
    boolean fits(LaneState lane, long nowNanos) {
        return !fitting(new ArrayDeque<>(List.of(lane)), nowNanos).isEmpty();
    }

    /** Whether a retry may begin: one worker of each sink, if it has more, is left to fresh entries, however slow the held are. */
    boolean mayRetry(LaneState lane) {
        SinkState sink = workers.sinkOf(lane);
        long retrying = lanes.values().stream()
                .filter(other -> other.retrying && workers.sinkOf(other) == sink)
                .count();
        return retrying < Math.max(1, workers.perSink() - 1);
    }

    void transactionIdAssigned(long xid, long afterClaim) {
        lanes.values().forEach(lane -> lane.floor.transactionIdAssigned(xid, afterClaim));
    }

    /** The floors that the database does not know yet. */
    Map<LaneRight, Long> unstoredFloors() {
        Map<LaneRight, Long> floors = new HashMap<>();
        for (LaneState lane : lanes.values()) {
            if (lane.floorIsUnstored()) {
                floors.put(lane.right, lane.floor.safe());
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
