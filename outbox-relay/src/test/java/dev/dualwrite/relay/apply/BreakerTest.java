package dev.dualwrite.relay.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.relay.retry.Backoff;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BreakerTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Breaker breaker = new Breaker(new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5)));
    private final Random random = new Random(1);

    @Test
    void opensWithTheFirstFailureOfTheStore() {
        assertThat(breaker.failed(0, 10, random)).isPresent();

        assertThat(breaker.isOpen(11)).isTrue();
        assertThat(breaker.isClosed()).isFalse();
    }

    @Test
    void halfOpensWhenTheBackoffIsOver() {
        breaker.failed(0, 0, random);

        assertThat(breaker.isOpen(2 * SECOND)).isFalse();
        assertThat(breaker.isClosed()).isFalse();
    }

    @Test
    void successOfABatchThatBeganWhileItWasHalfOpenClosesIt() {
        breaker.failed(0, 0, random);

        assertThat(breaker.worked(2 * SECOND)).isTrue();
        assertThat(breaker.isClosed()).isTrue();
    }

    @Test
    void stragglerSaysNothingAboutNow() {
        breaker.failed(5, 10, random);

        assertThat(breaker.worked(7)).as("its batch began before it opened").isFalse();
        assertThat(breaker.failed(8, 2 * SECOND, random)).isEqualTo(Optional.empty());
        assertThat(breaker.failures()).isEqualTo(1);
    }

    @Test
    void failureOfTheTrialOpensItForLongerAndNeverForMoreThanHalfAMinute() {
        long now = 0;
        Duration longest = Duration.ZERO;
        for (int i = 0; i < 30; i++) {
            Duration pause = breaker.failed(now, now, random).orElseThrow();
            longest = longest.compareTo(pause) > 0 ? longest : pause;
            now += Duration.ofMinutes(1).toNanos();
        }

        assertThat(longest).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(30));
        assertThat(breaker.failures()).isEqualTo(30);
    }
}
