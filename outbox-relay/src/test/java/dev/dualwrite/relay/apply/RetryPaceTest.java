package dev.dualwrite.relay.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RetryPaceTest {

    private static final long START = 1_000_000_000_000L;
    private static final long TOOK = TimeUnit.MILLISECONDS.toNanos(20);

    private final RetryPace pace = new RetryPace();

    @Test
    void whatFailsAgainIsTriedInSmallerPortionsWithRestsInBetween() {
        int before = pace.aggregates();

        pace.ended(false, true, START - TOOK, START);

        assertThat(pace.aggregates()).isEqualTo(before / 2);
        assertThat(pace.restNanos(START)).isEqualTo(49 * TOOK);
        for (int i = 0; i < 10; i++) {
            pace.ended(false, true, START - TOOK, START);
        }
        assertThat(pace.aggregates()).isEqualTo(4);
    }

    @Test
    void whatWorksIsTriedInLargerPortionsWithoutRest() {
        for (int i = 0; i < 10; i++) {
            pace.ended(false, false, START - TOOK, START);
        }

        assertThat(pace.aggregates()).isEqualTo(128);
        assertThat(pace.restNanos(START)).isZero();
    }

    @Test
    void restIsBoundedAndEndsWhenAPersonActs() {
        pace.ended(false, true, START - TimeUnit.SECONDS.toNanos(30), START);
        assertThat(pace.restNanos(START)).isEqualTo(TimeUnit.SECONDS.toNanos(10));

        pace.wake();

        assertThat(pace.restNanos(START)).isZero();
    }

    @Test
    void afterThreeLoneRetriesTheyAreTriedTogetherAgain() {
        pace.tookTooLong();

        for (int i = 0; i < 3; i++) {
            assertThat(pace.isAlone()).isTrue();
            pace.ended(false, false, START - TOOK, START);
        }

        assertThat(pace.isAlone()).isFalse();
    }

    @Test
    void nothingDueEndsLoneRetriesAndChangesNoPortion() {
        pace.tookTooLong();
        int before = pace.aggregates();

        pace.ended(true, false, START - TOOK, START);

        assertThat(pace.isAlone()).isFalse();
        assertThat(pace.aggregates()).isEqualTo(before);
    }
}
