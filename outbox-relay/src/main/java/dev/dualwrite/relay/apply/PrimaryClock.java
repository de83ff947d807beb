package dev.dualwrite.relay.apply;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The primary's clock as the last poll gave it, carried on by this JVM's running time: how old an entry is must not depend on how
 * well two machines agree on the time. Wrong by what one answer of the primary takes on its way. Thread-safe, no I/O.
 */
final class PrimaryClock {

    private volatile long aheadMicros;

    /** The primary said so just now. */
    void said(Instant now) {
        aheadMicros = micros(now) - runningMicros();
    }

    /** Since then until {@link System#nanoTime()} said so, by the primary's clock; never less than zero. */
    long microsSince(Instant appendedAt, long untilNanos) {
        return Math.max(0, TimeUnit.NANOSECONDS.toMicros(untilNanos) + aheadMicros - micros(appendedAt));
    }

    private static long micros(Instant instant) {
        return TimeUnit.SECONDS.toMicros(instant.getEpochSecond()) + TimeUnit.NANOSECONDS.toMicros(instant.getNano());
    }

    private static long runningMicros() {
        return TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
    }
}
