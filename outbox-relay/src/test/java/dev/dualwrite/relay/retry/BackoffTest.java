package dev.dualwrite.relay.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private final Random random = new Random(1);

    @Test
    void delayDoublesWithEachAttemptAndIsDrawnFromItsUpperHalf() {
        var backoff = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));

        for (int attempts = 1; attempts <= 8; attempts++) {
            Duration whole = Duration.ofSeconds(1L << (attempts - 1));
            assertThat(backoff.after(attempts, random)).isBetween(whole.dividedBy(2), whole);
        }
    }

    @Test
    void delayNeverExceedsTheMaximumWhateverTheNumberOfAttempts() {
        var backoff = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));

        for (int attempts : new int[] {9, 10, 31, 32, 63, 64, 1_000_000, Integer.MAX_VALUE}) {
            assertThat(backoff.after(attempts, random)).isBetween(Duration.ofSeconds(150), Duration.ofMinutes(5));
        }
    }

    @Test
    void entriesThatFailedTogetherComeBackApart() {
        var backoff = new Backoff(Duration.ofSeconds(10), Duration.ofSeconds(10));

        assertThat(java.util.stream.IntStream.range(0, 100)
                        .mapToObj(i -> backoff.after(1, random))
                        .distinct())
                .hasSizeGreaterThan(50);
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> new Backoff(Duration.ZERO, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0S");
        assertThatThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT1S")
                .hasMessageContaining("PT2S");
    }
}
