package dev.dualwrite.relay.apply;

import dev.dualwrite.relay.retry.Backoff;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Keeps batches away from a sink whose store does not work. Closed: all go. Open: none goes, until the backoff is over. Half open:
 * one batch goes and tries; its success closes the breaker, its failure opens it for longer. Confined to one thread; a pure
 * decision.
 *
 * <p>A batch that began before the breaker opened says nothing about now, whatever becomes of it.
 */
final class Breaker {

    /** Longer pauses help no store, and a person waits for the first sign of life. Guessed. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final Backoff backoff;
    private int failures;
    private long openUntilNanos;

    Breaker(Backoff backoff) {
        Duration initial = shorter(backoff.initial(), LONGEST_PAUSE);
        this.backoff = new Backoff(initial, shorter(backoff.max(), LONGEST_PAUSE));
    }

    boolean isClosed() {
        return failures == 0;
    }

    boolean isOpen(long nowNanos) {
        return failures > 0 && nowNanos - openUntilNanos < 0;
    }

    /** A pause as it would make one. */
    Duration pauseAfter(int failuresInARow, RandomGenerator random) {
        return backoff.after(failuresInARow, random);
    }

    /** How often in a row it opened. */
    int failures() {
        return failures;
    }

    /**
     * The store failed in a batch that began then.
     *
     * @return how long it stays open; empty if it was open already when the batch ended, or opened since the batch began
     */
    Optional<Duration> failed(long begunNanos, long nowNanos, RandomGenerator random) {
        if (failures > 0 && begunNanos - openUntilNanos < 0) {
            return Optional.empty();
        }
        failures++;
        Duration pause = backoff.after(failures, random);
        openUntilNanos = nowNanos + pause.toNanos();
        return Optional.of(pause);
    }

    /** The store worked in a batch that began then; whether that closed the breaker. */
    boolean worked(long begunNanos) {
        if (failures == 0 || begunNanos - openUntilNanos < 0) {
            return false;
        }
        failures = 0;
        return true;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
