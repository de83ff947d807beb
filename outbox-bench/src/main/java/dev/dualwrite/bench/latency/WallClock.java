package dev.dualwrite.bench.latency;

import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The machine's wall clock in microseconds: the only clock that two processes have in common, so it is the one of every contender.
 * Thread-safe.
 */
final class WallClock {

    private final Clock clock = Clock.systemUTC();

    long micros() {
        Instant now = clock.instant();
        return TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + TimeUnit.NANOSECONDS.toMicros(now.getNano());
    }
}
