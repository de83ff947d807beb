package dev.dualwrite.relay.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * When this machine stood still: a thread that only sleeps woke up far too late. A pause of this JVM alone counts as well; its
 * heap is small. Thread-safe.
 */
final class StandStills implements AutoCloseable {

    private static final long SLEEP_MS = 50;

    /** Less is what a busy machine is like. */
    private static final long LATE_MS = 300;

    private record StandStill(long begin, long end) {}

    private final List<StandStill> seen = new ArrayList<>();
    private final Thread thread = new Thread(this::watch, "stand-stills");

    private long awake;

    synchronized void start() {
        awake = now();
        thread.setDaemon(true);
        thread.start();
    }

    /** How many of the last so many milliseconds. */
    synchronized long within(long millis) {
        long now = now();
        long from = now - millis;
        return Stream.concat(seen.stream(), sleptTooLong(now).stream())
                .mapToLong(s -> Math.max(0, s.end() - Math.max(s.begin(), from)))
                .sum();
    }

    private void watch() {
        try {
            while (true) {
                wokeUp();
                Thread.sleep(SLEEP_MS);
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private synchronized void wokeUp() {
        long now = now();
        sleptTooLong(now).ifPresent(seen::add);
        awake = now;
    }

    /** Since the thread was awake; it may not have had its turn yet. */
    private Optional<StandStill> sleptTooLong(long now) {
        return now - awake > SLEEP_MS + LATE_MS ? Optional.of(new StandStill(awake + SLEEP_MS, now)) : Optional.empty();
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
