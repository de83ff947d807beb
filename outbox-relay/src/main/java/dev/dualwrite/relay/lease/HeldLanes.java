package dev.dualwrite.relay.lease;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LaneRight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import net.javacrumbs.shedlock.core.SimpleLock;
import org.jspecify.annotations.Nullable;

/**
 * The lanes that this relay holds, with their locks. Changed by the lease thread, and by the one that stops it; only
 * {@code size} is for everybody.
 */
final class HeldLanes {

    private final Map<Lane, Held> lanes = new ConcurrentHashMap<>();
    private final Set<Lane> givingBack = ConcurrentHashMap.newKeySet();
    private final Map<Lane, Long> adopted = new ConcurrentHashMap<>();
    private long taken;

    private record Held(LaneRight right, SimpleLock lock, long number) {}

    int size() {
        return lanes.size();
    }

    int size(short sinkId) {
        return (int)
                lanes.keySet().stream().filter(lane -> lane.sinkId() == sinkId).count();
    }

    boolean contains(Lane lane) {
        return lanes.containsKey(lane);
    }

    /** Whether the lane is held by exactly this right, and was not lost and taken anew since. */
    boolean isOf(LaneRight right) {
        Held held = lanes.get(right.lane());
        return held != null && held.right().equals(right);
    }

    void add(LaneRight right, SimpleLock lock) {
        lanes.put(right.lane(), new Held(right, lock, taken++));
    }

    /** A lane of these was one that nobody else took. */
    void adopted(Lane lane, long nowNanos) {
        adopted.put(lane, nowNanos);
    }

    /** Those that were adopted no longer ago than that. */
    Set<Lane> adoptedSince(long nowNanos, long atMostNanos) {
        adopted.values().removeIf(since -> nowNanos - since > atMostNanos);
        return Set.copyOf(adopted.keySet());
    }

    /** Its lock; absent if the lane was not held. */
    @Nullable
    SimpleLock remove(Lane lane) {
        givingBack.remove(lane);
        adopted.remove(lane);
        Held held = lanes.remove(lane);
        return held == null ? null : held.lock();
    }

    /** All, the one held longest at the front. */
    List<Lane> longestFirst() {
        var all = new ArrayList<>(lanes.entrySet());
        all.sort(Comparator.comparingLong(held -> held.getValue().number()));
        return all.stream().map(Map.Entry::getKey).toList();
    }

    /** It stays held, and is renewed, until it is removed. */
    void giveBack(Lane lane) {
        givingBack.add(lane);
    }

    boolean isGivingBack(Lane lane) {
        return givingBack.contains(lane);
    }

    Set<Lane> givingBack() {
        return new HashSet<>(givingBack);
    }

    void clear() {
        lanes.clear();
        givingBack.clear();
        adopted.clear();
    }
}
