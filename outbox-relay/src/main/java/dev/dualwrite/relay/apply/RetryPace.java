package dev.dualwrite.relay.apply;

import java.util.concurrent.TimeUnit;

/**
 * How many of a lane's due aggregates are tried again together, and when: a retry has its lane to itself, and entries that fail
 * again must not cost the fresh ones much. Confined to the claim thread; a pure decision, time is passed in.
 *
 * <p>Half as many after a retry in which some failed again (each costs about two calls), twice as many after one in which none
 * did: what a person requeued after a repair goes quickly, what stays bad goes slowly.
 */
final class RetryPace {

    private static final int FIRST = 16;
    private static final int FEWEST = 4;
    private static final int MOST = 128;

    /** A fiftieth of a lane's time is what entries that fail again may cost the others. Guessed. */
    private static final int FRESH_PER_RETRY = 49;

    private static final long LONGEST_REST_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Guessed: the one that took too long is the oldest, so it is tried among the first. */
    private static final int TIMES_ALONE = 3;

    private int limit = FIRST;
    private int alone;
    private boolean rests;
    private long restUntilNanos;

    /** Whether one aggregate only is tried, by one entry. */
    boolean isAlone() {
        return alone > 0;
    }

    /** How many aggregates are tried together. */
    int aggregates() {
        return limit;
    }

    /** Together they took too long: one at a time, for some retries. */
    void tookTooLong() {
        alone = TIMES_ALONE;
    }

    /** A retry that began then ended with this; nothing is known of the store's fault. */
    void ended(boolean nothingDue, boolean failedAgain, long begunNanos, long nowNanos) {
        alone = nothingDue ? 0 : Math.max(0, alone - 1);
        if (failedAgain) {
            limit = Math.max(FEWEST, limit / 2);
            rests = true;
            restUntilNanos = nowNanos + Math.min(LONGEST_REST_NANOS, FRESH_PER_RETRY * (nowNanos - begunNanos));
        } else if (!nothingDue) {
            limit = Math.min(MOST, limit * 2);
        }
    }

    /** A person acted: no rest any more. */
    void wake() {
        rests = false;
    }

    /** How long fresh entries have the lane to themselves; zero or less if retries may go on. */
    long restNanos(long nowNanos) {
        return rests ? restUntilNanos - nowNanos : 0;
    }
}
