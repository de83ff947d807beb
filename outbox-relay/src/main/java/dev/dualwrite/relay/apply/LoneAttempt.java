package dev.dualwrite.relay.apply;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Lets one lane at a time try its suspect entries: if the process ends, the entry that was being tried did it, and not another
 * that was tried beside it. Thread-safe, never blocks.
 */
final class LoneAttempt {

    /** Whatever relays there are in this process: they end together. */
    static final LoneAttempt OF_THIS_PROCESS = new LoneAttempt();

    private @Nullable Object who;
    private long untilNanos;

    /** Whether it is {@code me}'s turn from now on; another's turn that lasts for too long does not count any more. */
    synchronized boolean begin(Object me, Duration atMost) {
        long now = System.nanoTime();
        if (who != null && now - untilNanos < 0) {
            return false;
        }
        who = me;
        untilNanos = now + atMost.toNanos();
        return true;
    }

    /** It was {@code me}'s turn. */
    synchronized void end(Object me) {
        if (who == me) {
            who = null;
        }
    }
}
