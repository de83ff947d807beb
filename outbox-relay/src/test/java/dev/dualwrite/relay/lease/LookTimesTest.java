package dev.dualwrite.relay.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When the lease thread looks and beats. */
class LookTimesTest {

    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration NEVER = Duration.ofDays(1);

    private final LookTimes times = new LookTimes(LEASE, new Random(1), 0);

    @Test
    void lookAndHeartbeatAreDueAtTheStart() {
        assertThat(times.isLookDue(0)).isTrue();
        assertThat(times.isBeatDue(0)).isTrue();
    }

    @Test
    void lookIsDueATenthOfALeaseAfterTheLastAndTheHeartbeatAThird() {
        times.looked(0, NEVER);
        times.looked(seconds(2), NEVER);
        times.beaten(0);

        assertThat(times.isLookDue(seconds(5) - 1)).isFalse();
        assertThat(times.isLookDue(seconds(5))).isTrue();
        assertThat(times.isBeatDue(seconds(10) - 1)).isFalse();
        assertThat(times.isBeatDue(seconds(10))).isTrue();
    }

    @Test
    void secondLookComesAtARandomTime() {
        var other = new LookTimes(LEASE, new Random(2), 0);
        times.looked(0, NEVER);
        other.looked(0, NEVER);
        times.beaten(0);
        other.beaten(0);

        assertThat(times.untilNext(0)).isNotEqualTo(other.untilNext(0)).isBetween(seconds(1), seconds(3));
    }

    @Test
    void lookIsDueJustAfterTheNextLockRunsOut() {
        times.looked(0, NEVER);
        times.looked(seconds(3), Duration.ofMillis(700));

        assertThat(times.isLookDue(seconds(3) + TimeUnit.MILLISECONDS.toNanos(700)))
                .isFalse();
        assertThat(times.isLookDue(seconds(3) + TimeUnit.MILLISECONDS.toNanos(720)))
                .isTrue();
    }

    private static long seconds(int seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
