package dev.dualwrite.relay.lease;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When the lease thread looks and when it beats next. Time is passed in, in nanoseconds of {@link System#nanoTime}. Confined
 * to one thread.
 */
final class LookTimes {

    private static final int LOOKS_PER_LEASE = 10;
    private static final int BEATS_PER_LEASE = 3;

    /** So that one look finds several locks that run out one after the other. Guessed: the time of some ten takes. */
    private static final Duration AFTER_EXPIRY = Duration.ofMillis(20);

    private final long lookNanos;
    private final long beatNanos;
    private final RandomGenerator random;
    private long nextLook;
    private long nextBeat;
    private boolean looked;

    /** Both are due at once. */
    LookTimes(Duration lease, RandomGenerator random, long now) {
        this.lookNanos = lease.toNanos() / LOOKS_PER_LEASE;
        this.beatNanos = lease.toNanos() / BEATS_PER_LEASE;
        this.random = random;
        this.nextLook = now;
        this.nextBeat = now;
    }

    long lookNanos() {
        return lookNanos;
    }

    boolean isLookDue(long now) {
        return now - nextLook >= 0;
    }

    boolean isBeatDue(long now) {
        return now - nextBeat >= 0;
    }

    void beatNow(long now) {
        nextBeat = now;
    }

    void lookNow(long now) {
        nextLook = now;
    }

    /** A round that began then has written the heartbeat and renewed. */
    void beaten(long began) {
        nextBeat = began + beatNanos;
    }

    /** The same, but some of it has to be done again soon. */
    void beatenInPart(long began) {
        nextBeat = began + lookNanos;
    }

    /**
     * A look that began then is over: the next one a tenth of a lease later, or just after the next lock of somebody else
     * runs out. The time to the second look is random: pods that were started together do not look together.
     */
    void looked(long began, Duration untilExpiry) {
        long interval = looked ? lookNanos : random.nextLong(lookNanos / 2, lookNanos + 1);
        looked = true;
        nextLook = began + Math.min(interval, untilExpiry.plus(AFTER_EXPIRY).toNanos());
    }

    long untilNext(long now) {
        return Math.max(0, Math.min(nextLook - now, nextBeat - now));
    }
}
