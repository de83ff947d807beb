package dev.dualwrite.relay.lease;

import dev.dualwrite.outbox.jdbc.Lane;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which free lanes nobody takes: those that were free in two successive looks while no lane of their sink was taken. The one
 * whose share they are cannot take them, because a call of its own is still under way there.
 *
 * <p>A lane taken meanwhile means that somebody is still working through its share: many lanes take long. Looks that follow
 * each other sooner than the interval, because something happened, count as one. Confined to one thread; time is passed in.
 */
final class Orphans {

    private final long intervalNanos;
    private final Set<Lane> free = new HashSet<>();
    private final Set<Short> moving = new HashSet<>();
    private long since;

    /** An empty memory; every member looks at least once in an interval. */
    Orphans(long intervalNanos) {
        this.intervalNanos = intervalNanos;
    }

    /** Takes note of a look; gives the free lanes that nobody takes. */
    Set<Lane> seen(Collection<Lane> freeNow, long nowNanos) {
        Set<Lane> now = Set.copyOf(freeNow);
        free.stream().filter(lane -> !now.contains(lane)).map(Lane::sinkId).forEach(moving::add);
        free.retainAll(now);
        if (!free.isEmpty() && nowNanos - since < intervalNanos) {
            return Set.of();
        }
        Set<Lane> orphans =
                free.stream().filter(lane -> !moving.contains(lane.sinkId())).collect(Collectors.toSet());
        free.addAll(now);
        moving.clear();
        since = nowNanos;
        return orphans;
    }
}
