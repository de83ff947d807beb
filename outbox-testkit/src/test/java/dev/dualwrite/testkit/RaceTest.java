package dev.dualwrite.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RaceTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    private final AtomicInteger attempts = new AtomicInteger();

    @Test
    void racersRunAtTheSameTime() throws Exception {
        var both = new CyclicBarrier(2);

        Race.run(LONG, both::await, both::await);

        assertThat(both.getNumberWaiting()).isZero();
    }

    @Test
    void attemptThatFailsIsMadeAgain() throws Exception {
        Race.run(LONG, Race.withRetries(() -> {
            if (attempts.incrementAndGet() < 3) {
                throw new IOException("conflict");
            }
        }));

        assertThat(attempts).hasValue(3);
    }

    @Test
    void racerThatNeverSucceedsFailsTheRaceWithWhatItThrew() {
        var conflict = new IOException("conflict");

        assertThatThrownBy(() -> Race.run(LONG, Race.withRetries(() -> {
                    throw conflict;
                })))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("apply failed 10 times in a row")
                .cause()
                .satisfies(failure -> assertThat(failure.getSuppressed()).contains(conflict));
    }

    @Test
    void racerThatDoesNotEndFailsTheRace() {
        var never = new CountDownLatch(1);

        assertThatThrownBy(() -> Race.run(Duration.ofMillis(50), never::await))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("did not end within PT0.05S");
    }
}
