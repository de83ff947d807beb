package dev.dualwrite.spring.console;

import dev.dualwrite.outbox.jdbc.Overview;
import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The last quarter of an hour, in memory, so that a page that is loaded again shows it. Thread-safe. */
final class History {

    private static final Duration SPAN = Duration.ofMinutes(15);

    /** At one look in two seconds twice of what the span takes. */
    private static final int MOST = 900;

    private static final double MILLIS = 1_000;

    private final Counts counts;
    private final Deque<Point> points = new ArrayDeque<>();
    private double appendedThen;
    private OptionalDouble appliedThen = OptionalDouble.empty();

    History(Counts counts) {
        this.counts = counts;
    }

    /** Keeps a look, and tells what is kept of it. One that is not later than the last one is not kept twice. */
    synchronized Point add(Instant at, Overview overview) {
        Point last = points.peekLast();
        if (last != null && !at.isAfter(last.at())) {
            return last;
        }
        double appended = counts.appended();
        OptionalDouble applied = counts.applied();
        Point point = new Point(
                at,
                overview.sinks().stream()
                                .mapToLong(sink -> sink.backlog().lag().toMillis())
                                .max()
                                .orElse(0)
                        / MILLIS,
                overview.sinks().stream()
                        .map(SinkOverview::backlog)
                        .mapToLong(Overview.Backlog::entries)
                        .sum(),
                last == null ? null : perSecond(appended - appendedThen, last.at(), at),
                last == null || applied.isEmpty() || appliedThen.isEmpty()
                        ? null
                        : perSecond(applied.getAsDouble() - appliedThen.getAsDouble(), last.at(), at));
        appendedThen = appended;
        appliedThen = applied;
        points.addLast(point);
        while (points.size() > MOST || isOld(points.peekFirst(), at)) {
            points.removeFirst();
        }
        return point;
    }

    /** What is kept, the oldest first. */
    synchronized List<Point> points() {
        return List.copyOf(points);
    }

    private static boolean isOld(@Nullable Point point, Instant now) {
        return point != null && point.at().isBefore(now.minus(SPAN));
    }

    private static double perSecond(double count, Instant from, Instant to) {
        double perSecond = Math.max(0, count)
                * MILLIS
                / Math.max(1, Duration.between(from, to).toMillis());
        return Math.round(perSecond * 10) / 10.0;
    }
}
