package dev.dualwrite.bench.run;

import java.time.Duration;

/**
 * How much is measured. Immutable.
 *
 * @param rounds how often each contender is measured
 * @param warmUps rounds before those, which do not count
 * @param divisor what every number of entries and every time is divided by
 */
public record Extent(int rounds, int warmUps, int divisor) {

    private static final int SMOKE_DIVISOR = 200;
    private static final int FEWEST = 50;

    /** What the figures in the documentation come from. */
    public static Extent full() {
        return new Extent(5, 1, 1);
    }

    /** Everything once, for seconds: shows that it works, and says nothing about speed. */
    public static Extent smoke() {
        return new Extent(1, 0, SMOKE_DIVISOR);
    }

    /** Whether figures are compared at the end, and not only made. */
    public boolean isFull() {
        return divisor == 1;
    }

    /** So many, or fewer if less is measured. */
    public int count(int full) {
        return Math.min(full, Math.max(FEWEST, full / divisor));
    }

    /** So long, or shorter if less is measured. */
    public Duration time(Duration full) {
        return full.dividedBy(divisor);
    }
}
