package dev.dualwrite.relay.state;

import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** When the loads of one call of a sink have to be over. Counts by the JVM's monotonic clock. Immutable. */
final class Deadline {

    private final long nanoTime;
    private final Duration timeout;

    private Deadline(long nanoTime, Duration timeout) {
        this.nanoTime = nanoTime;
        this.timeout = timeout;
    }

    static Deadline after(Duration timeout) {
        return new Deadline(System.nanoTime() + timeout.toNanos(), timeout);
    }

    /**
     * More than zero.
     *
     * @throws TimeoutException if it has passed: a failure of the store, no entry is at fault
     */
    Duration left() throws TimeoutException {
        long left = nanoTime - System.nanoTime();
        if (left <= 0) {
            throw new TimeoutException("states were not loaded and applied within the sink's timeout of " + timeout);
        }
        return Duration.ofNanos(left);
    }
}
