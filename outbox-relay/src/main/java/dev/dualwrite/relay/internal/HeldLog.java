package dev.dualwrite.relay.internal;

import static java.util.Objects.requireNonNull;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.jdbc.Failure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Tells which entries left the hot table, without flooding the log: of the dead ones of one sink and one kind of reason the
 * first ten in a minute, the others as a number. Thread-safe; never blocks for long.
 */
public final class HeldLog {

    private static final int LINES_PER_WINDOW = 10;
    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Kinds are classes of exceptions and our own words: there are few, unless a sink invents them. */
    private static final int MAX_KINDS = 1000;

    private static final int MAX_KIND_LENGTH = 80;

    private final LongSupplier nanoTime;
    private final Map<Kind, Window> windows = new HashMap<>();

    private final Map<String, Long> superseded = new HashMap<>();

    private record Kind(String sink, String reason) {}

    private static final class Window {
        private final long since;
        private int written;
        private long left;

        Window(long since) {
            this.since = since;
        }
    }

    /** One for each relay; the clock only rises. */
    public HeldLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * These failures were settled.
     *
     * @param aggregates of the dead ones among them, by version
     */
    public void settled(String sink, String lane, List<Failure> failures, Map<Long, Aggregate> aggregates) {
        for (Failure failure : failures) {
            if (failure.state() != Failure.State.DEAD) {
                RelayLog.entryHeld(lane, failure);
            } else if (mayWrite(new Kind(sink, kind(failure)))) {
                RelayLog.entryDead(
                        sink,
                        lane,
                        failure,
                        requireNonNull(aggregates.get(failure.version().value())));
            }
        }
    }

    /** A newer entry of their aggregate was applied, so these were removed: counted until the next summary. */
    public synchronized void superseded(String sink, int count) {
        if (count > 0) {
            superseded.merge(sink, (long) count, Long::sum);
        }
    }

    /** Says how many dead entries were left out of windows that are over, and how many were superseded. To be called now and then. */
    public void summarise() {
        tellSuperseded();
        summarise(nanoTime.getAsLong(), false);
    }

    /** The same for all windows: the relay stops. */
    public void close() {
        tellSuperseded();
        summarise(nanoTime.getAsLong(), true);
    }

    private synchronized boolean mayWrite(Kind kind) {
        long now = nanoTime.getAsLong();
        summarise(now, windows.size() >= MAX_KINDS);
        Window window = windows.computeIfAbsent(kind, k -> new Window(now));
        if (window.written < LINES_PER_WINDOW) {
            window.written++;
            return true;
        }
        window.left++;
        return false;
    }

    private synchronized void tellSuperseded() {
        superseded.forEach(RelayLog::entriesSuperseded);
        superseded.clear();
    }

    private synchronized void summarise(long now, boolean all) {
        windows.entrySet().removeIf(entry -> {
            Window window = entry.getValue();
            boolean over = all || now - window.since >= WINDOW_NANOS;
            if (over && window.left > 0) {
                Kind kind = entry.getKey();
                RelayLog.moreEntriesDead(kind.sink(), kind.reason(), window.left);
            }
            return over;
        });
    }

    /** The exception, or our own words in front of what is particular to the entry. */
    private static String kind(Failure failure) {
        if (failure.errorClass() != null) {
            return failure.errorClass();
        }
        String message = RelayLog.clean(String.valueOf(failure.errorMessage()));
        int end = message.indexOf(':');
        String kind = end < 0 ? message : message.substring(0, end);
        return kind.length() > MAX_KIND_LENGTH ? kind.substring(0, MAX_KIND_LENGTH) : kind;
    }
}
