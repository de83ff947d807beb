package dev.dualwrite.relay.sink.jdbc;

import java.sql.SQLTimeoutException;
import java.time.Duration;

/** When a call has to be over. Counts by the JVM's monotonic clock, which is compared with nothing else. Immutable. */
final class Deadline {

    /** Query canceled: what PostgreSQL itself says when the time of a statement is over. */
    private static final String CANCELED = "57014";

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
     * For the server's statement_timeout: rounded up, at least 1, since 0 means for ever.
     *
     * @throws SQLTimeoutException if it has passed
     */
    String millisLeft() throws SQLTimeoutException {
        long left = nanoTime - System.nanoTime();
        if (left <= 0) {
            throw new SQLTimeoutException("the sink did not finish within its timeout of " + timeout, CANCELED);
        }
        return Long.toString(Math.min(Integer.MAX_VALUE, (left - 1) / 1_000_000L + 1));
    }
}
