package dev.dualwrite.relay.retry;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: doubling from the initial delay up to the maximum, then drawn from the upper half
 * of that, so that entries which failed together do not come back together. Immutable.
 *
 * @param initial before the second attempt, more than zero
 * @param max at least {@code initial}
 */
public record Backoff(Duration initial, Duration max) {

    /** 2^30 initial delays are longer than any maximum that makes sense; it keeps the shift from overflowing. */
    private static final int MAX_DOUBLINGS = 30;

    public Backoff {
        if (initial.isZero() || initial.isNegative()) {
            throw new IllegalArgumentException("initial backoff is " + initial + ", expected more than zero");
        }
        if (max.compareTo(initial) < 0) {
            throw new IllegalArgumentException(
                    "max backoff is " + max + ", expected at least the initial backoff " + initial);
        }
    }

    /**
     * The delay after so many attempts.
     *
     * @param attempts made so far, from 1
     */
    public Duration after(int attempts, RandomGenerator random) {
        int doublings = Math.min(Math.max(attempts - 1, 0), MAX_DOUBLINGS);
        Duration whole =
                initial.compareTo(max.dividedBy(1L << doublings)) >= 0 ? max : initial.multipliedBy(1L << doublings);
        long half = Math.max(whole.toMillis() / 2, 1);
        return Duration.ofMillis(half + random.nextLong(half + 1));
    }
}
