package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.HeldStore;
import dev.dualwrite.outbox.jdbc.HeldStore.HeldLane;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Finds the lanes with a held entry that is due, and lets it be tried. Confined to the claim thread. */
final class HeldTimer {

    /** A look at a lane that waits for nothing but a person: it should not be needed, and costs little. */
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A lane that is due but has no worker yet must not make the loop spin. */
    private static final long SHORTEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final HeldStore held;
    private final Lanes lanes;
    private final BatchRunner runner;

    HeldTimer(HeldStore held, Lanes lanes, BatchRunner runner) {
        this.held = held;
        this.lanes = lanes;
        this.runner = runner;
    }

    /** Something may have changed for the held entries of every lane: a person acted. */
    void lookAtAll() {
        for (LaneState lane : lanes.all()) {
            lane.lookAtHeldNow(System.nanoTime());
        }
    }

    /** Whether held entries of a lane that is at rest are to be looked at. */
    boolean isDue(long nowNanos) {
        return !due(nowNanos, false).isEmpty();
    }

    private List<LaneState> due(long nowNanos, boolean onlyWhereItWorks) {
        Deque<LaneState> candidates = lanes.free(nowNanos).stream()
                .filter(lane -> !onlyWhereItWorks || lanes.worksWell(lane))
                .filter(lane -> lane.mayHold() && lane.untilLookAtHeld(nowNanos) <= 0)
                .collect(Collectors.toCollection(ArrayDeque::new));
        return lanes.fitting(candidates, nowNanos);
    }

    /** Retries what is due, only at sinks that work, if so said. */
    void retry(long nowNanos, boolean onlyWhereItWorks) {
        List<LaneState> looked = due(nowNanos, onlyWhereItWorks);
        if (looked.isEmpty()) {
            return;
        }
        List<HeldLane> looks =
                held.lanes(looked.stream().map(lane -> lane.right.lane()).toList());
        for (int i = 0; i < looked.size(); i++) {
            LaneState lane = looked.get(i);
            HeldLane look = looks.get(i);
            lane.looked(look.held());
            long dueIn = look.dueIn().map(Duration::toNanos).orElse(LONGEST_NANOS);
            boolean due = look.held() && (dueIn <= 0 || lane.promoteHeads);
            lane.lookAtHeldNanos = nowNanos + Math.min(LONGEST_NANOS, Math.max(LaneState.HELD_PAUSE_NANOS, dueIn));
            if (due && lanes.mayRetry(lane)) {
                lanes.touch(lane);
                runner.retry(lane);
            }
        }
    }

    /** How long until the next look, at most {@code longest}. */
    Duration untilNextLook(long nowNanos, Duration longest) {
        long next = longest.toNanos();
        for (LaneState lane : lanes.free(nowNanos)) {
            if (lane.mayHold()) {
                next = Math.min(next, Math.max(SHORTEST_WAIT_NANOS, lane.untilLookAtHeld(nowNanos)));
            }
        }
        return Duration.ofNanos(next);
    }
}
