package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.jdbc.Overview;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the primary every so often, on a thread of its own, and keeps what it saw: health and gauges share one look, and none of
 * them ever waits for the database. Begins with the first one who asks, so nothing is looked at where nobody does. Thread-safe; no
 * method blocks for longer than {@link #FIRST_LOOK}.
 */
public final class OutboxWatch implements AutoCloseable {

    /** How long the first one who asks waits for the first look: a start that nobody sees is not a failure. Guessed. */
    static final Duration FIRST_LOOK = Duration.ofSeconds(2);

    /** A look may take ten seconds for each of its two statements, and as long as a pool lets it wait for a connection. */
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(60);

    private final Supplier<Overview> primary;
    private final Duration interval;
    private final Clock clock;
    private final List<Consumer<Look>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CountDownLatch seen = new CountDownLatch(1);
    private final ScheduledThreadPoolExecutor thread;
    private volatile @Nullable Look last;

    /**
     * Does nothing yet.
     *
     * @param primary looks; may block, and throw any unchecked exception
     * @param interval from the end of one look to the next
     */
    public OutboxWatch(Supplier<Overview> primary, Duration interval, Clock clock) {
        this.primary = primary;
        this.interval = interval;
        this.clock = clock;
        this.thread = new ScheduledThreadPoolExecutor(1, work -> {
            var watching = new Thread(work, "outbox-watch");
            watching.setDaemon(true);
            return watching;
        });
    }

    /** How the outbox stands; empty if it is not known: the last look failed, or none came back for a minute and an interval. */
    public Optional<Overview> latest() {
        return last().map(Look::overview);
    }

    /** The last look; a failed one if none came back for too long; empty before the first. Returns at once. */
    public Optional<Look> last() {
        begin();
        Look found = last;
        if (found == null || found.overview() == null || !isOld(found)) {
            return Optional.ofNullable(found);
        }
        return Optional.of(new Look(found.at(), null, "no look at the primary has come back since " + found.at()));
    }

    /** Calls back after each look from now on, on the thread of this watch; the callback must not block. */
    public void onLook(Consumer<Look> listener) {
        listen(listener);
        begin();
    }

    /** The same without being a reason to look. */
    void listen(Consumer<Look> listener) {
        listeners.add(listener);
    }

    /** Ends the looks; one that is under way may still end. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** The last look; the first one is waited for, for {@link #FIRST_LOOK} at most. */
    Optional<Look> firstOrLast() {
        begin();
        try {
            if (!seen.await(FIRST_LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                return Optional.empty();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return last();
    }

    private boolean isOld(Look look) {
        return look.at().plus(interval).plus(LONGEST_LOOK).isBefore(clock.instant());
    }

    private void begin() {
        if (begun.compareAndSet(false, true) && !thread.isShutdown()) {
            var unused = thread.scheduleWithFixedDelay(this::look, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        try {
            lookAndTell();
        } catch (Error e) {
            // The schedule ends with it. What was seen last must not be taken for what is.
            last = new Look(
                    clock.instant(),
                    null,
                    "the looks have ended with " + e.getClass().getName());
            seen.countDown();
            OperateLog.watchBroken(e);
            throw e;
        }
    }

    private void lookAndTell() {
        Look before = last;
        Look now = takeLook();
        last = now;
        seen.countDown();
        tell(before, now);
        for (Consumer<Look> listener : listeners) {
            try {
                listener.accept(now);
            } catch (RuntimeException e) {
                OperateLog.listenerFailed(e);
            }
        }
    }

    private Look takeLook() {
        try {
            Overview seen = primary.get();
            return new Look(clock.instant(), seen, null);
        } catch (RuntimeException e) {
            return new Look(clock.instant(), null, firstLine(e));
        }
    }

    private void tell(@Nullable Look before, Look now) {
        boolean wasWell = before == null || before.failure() == null;
        if (now.failure() != null && !thread.isShutdown()) {
            if (wasWell) {
                OperateLog.notMeasured(now.failure());
            } else {
                OperateLog.stillNotMeasured(now.failure());
            }
        } else if (!wasWell && now.failure() == null) {
            OperateLog.measuredAgain();
        }
    }

    private static String firstLine(RuntimeException failure) {
        String text = failure.getMessage() == null ? failure.getClass().getName() : failure.getMessage();
        return text.lines().findFirst().orElse("");
    }
}
