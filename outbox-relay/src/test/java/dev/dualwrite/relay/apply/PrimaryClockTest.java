package dev.dualwrite.relay.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The age of an entry is by the primary's clock, wherever that stands. */
class PrimaryClockTest {

    private static final long HOUR = Duration.ofHours(1).toNanos() / 1000;

    private final PrimaryClock clock = new PrimaryClock();

    @Test
    void ageIsWhatHasPassedByThePrimarysClock() {
        Instant farFromNow = Instant.parse("2001-02-03T04:05:06.123456Z");
        clock.said(farFromNow);

        assertThat(clock.microsSince(farFromNow.minus(Duration.ofHours(1)), System.nanoTime()))
                .isBetween(HOUR, 2 * HOUR);
    }

    @Test
    void ageIsNeverLessThanZero() {
        Instant now = Instant.parse("2001-02-03T04:05:06Z");
        clock.said(now);

        assertThat(clock.microsSince(now.plus(Duration.ofHours(1)), System.nanoTime()))
                .isZero();
    }
}
