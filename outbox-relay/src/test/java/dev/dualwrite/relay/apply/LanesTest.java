package dev.dualwrite.relay.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.jdbc.LeaseStore.Taken;
import dev.dualwrite.relay.retry.Backoff;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LanesTest {

    private static final int WORKERS = 4;

    private final Workers workers = new Workers(List.of(sink()), WORKERS, error -> {});
    private final Lanes lanes = new Lanes(workers, 1000);

    @AfterEach
    void stop() {
        workers.abandon();
    }

    @Test
    void noMoreLanesAreClaimedThanWorkersCanSoonTakeOnWhateverTheirNumber() {
        take(1024);
        var open = new ArrayDeque<>(lanes.free(System.nanoTime()));

        List<LaneState> next = lanes.fitting(open, System.nanoTime());

        assertThat(next).hasSize(2 * WORKERS);
        assertThat(open).hasSize(1024 - 2 * WORKERS);
    }

    @Test
    void lanesWithABatchAtAWorkerCountAgainstThatNumber() {
        take(100);
        lanes.all().stream().limit(2 * WORKERS - 1).forEach(lane -> lane.applying = true);

        assertThat(lanes.fitting(new ArrayDeque<>(lanes.free(System.nanoTime())), System.nanoTime()))
                .hasSize(1);
    }

    @Test
    void retriesLeaveOneWorkerToFreshEntries() {
        take(100);
        lanes.all().stream().limit(2).forEach(lane -> {
            lane.applying = true;
            lane.retrying = true;
        });
        LaneState next = lanes.free(System.nanoTime()).get(0);
        assertThat(lanes.mayRetry(next)).isTrue();

        next.applying = true;
        next.retrying = true;

        assertThat(lanes.mayRetry(lanes.free(System.nanoTime()).get(0))).isFalse();
        assertThat(lanes.fitting(new ArrayDeque<>(lanes.free(System.nanoTime())), System.nanoTime()))
                .isNotEmpty();
    }

    @Test
    void laneThatHadItsTurnGoesBehindTheOthers() {
        take(3);
        LaneState first = lanes.all().iterator().next();

        lanes.touch(first);

        assertThat(lanes.free(System.nanoTime())).endsWith(first).hasSize(3);
    }

    @Test
    void laneWhoseSettleWasBrokenOffIsLookedAtThoughItHoldsNothingYet() {
        take(1);
        LaneState lane = lanes.all().iterator().next();
        lane.looked(false);
        assertThat(lane.mayHold()).isFalse();

        lane.held.notToBeKnown();
        lane.looked(false);

        assertThat(lane.mayHold()).isTrue();
        assertThat(lane.heldNothing())
                .as("else the count of unclean takeovers would never be cleared")
                .isTrue();
    }

    @Test
    void batchesOfManyWorkersFitIntoTheHeapToo() {
        var config = new ClaimConfig(1000, 1L << 40, Duration.ofSeconds(1), 64);
        long heap = 1L << 34;

        long bytesOfFew = new ClaimConfig(1000, 1L << 40, Duration.ofSeconds(1), 4)
                .within(heap, 1)
                .batchMaxBytes();

        assertThat(config.within(heap, 1).batchMaxBytes()).isEqualTo(bytesOfFew / 16);
    }

    private void take(int count) {
        for (int shard = 0; shard < count; shard++) {
            var lane = new Lane((short) 1, shard, "copy/" + shard);
            lanes.add(new Taken(new LaneRight(lane, 1, new UUID(1, 1)), 0, 0));
        }
    }

    private static ConfiguredSink sink() {
        return new ConfiguredSink(
                "copy",
                (short) 1,
                entries -> List.of(),
                new RetryPolicy(1, new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1)), Duration.ofHours(1)),
                Duration.ofSeconds(1));
    }
}
