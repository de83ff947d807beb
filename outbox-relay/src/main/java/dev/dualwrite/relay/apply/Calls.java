package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.Lane;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Calls that are under way, and since when. A lane that was lost and taken anew can have two of them. Thread-safe.
 */
final class Calls {

    private final Set<Call> open = ConcurrentHashMap.newKeySet();

    /** One call, of one thread; equal to itself only. */
    static final class Call {
        private final Lane lane;
        private volatile long begunNanos = System.nanoTime();

        private Call(Lane lane) {
            this.lane = lane;
        }

        /** It gets on: what it does from here is counted from now. */
        void getsOn() {
            begunNanos = System.nanoTime();
        }

        private long lasts(long nowNanos) {
            return nowNanos - begunNanos;
        }
    }

    Call begin(Lane lane) {
        var call = new Call(lane);
        open.add(call);
        return call;
    }

    void end(Call call) {
        open.remove(call);
    }

    boolean any(Lane lane) {
        return of(lane).findAny().isPresent();
    }

    /** Whether a call for the lane lasts that long. */
    boolean hangs(Lane lane, long nanos) {
        long now = System.nanoTime();
        return of(lane).anyMatch(call -> call.lasts(now) >= nanos);
    }

    /** How many calls of a sink last that long. */
    long hanging(short sinkId, long nanos) {
        long now = System.nanoTime();
        return open.stream()
                .filter(call -> call.lane.sinkId() == sinkId && call.lasts(now) >= nanos)
                .count();
    }

    private Stream<Call> of(Lane lane) {
        return open.stream().filter(call -> call.lane.equals(lane));
    }
}
