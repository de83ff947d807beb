package dev.dualwrite.relay.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.jdbc.ClaimStore.Claimed;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BatchLimitTest {

    private final BatchLimit limit = new BatchLimit(8);

    @Test
    void timeoutHalvesWhatIsSentAndSuccessDoublesIt() {
        Batch batch = batch(8, 8);

        limit.timedOut(batch, 0);
        assertThat(limit.cut(batch).entries()).hasSize(4);
        limit.timedOut(limit.cut(batch), 0);
        assertThat(limit.cut(batch).entries()).hasSize(2);
        limit.worked();
        assertThat(limit.cut(batch).entries()).hasSize(4);
        limit.worked();
        assertThat(limit.cut(batch)).isSameAs(batch);
        assertThat(limit.isWhole()).isTrue();
    }

    @Test
    void partOfABatchDoesNotPassForWhatTheClaimSaw() {
        limit.timedOut(batch(8, 8), 0);

        assertThat(limit.cut(batch(8, 8)).fromFloor()).isFalse();
    }

    @Test
    void afterALoneTimeoutTheFirstEntriesOfOtherAggregatesAreTried() {
        Batch batch = batch(8, 4);
        shrinkToOne(batch);

        limit.timedOut(limit.cut(batch), 0);

        assertThat(versionsOf(limit.cut(batch))).containsExactly(2L);
        limit.timedOut(limit.cut(batch), 0);
        assertThat(versionsOf(limit.cut(batch))).containsExactly(3L);
    }

    @Test
    void loneTimeoutIsTheEntrysOnceAnotherWorkedSince() {
        Batch batch = batch(8, 4);
        shrinkToOne(batch);
        limit.timedOut(limit.cut(batch), 0);
        limit.worked();

        Batch again = limit.cut(batch);

        assertThat(versionsOf(again)).containsExactly(1L);
        assertThat(limit.loneTimeoutIsTheEntrys(again, 1)).isTrue();
    }

    @Test
    void loneTimeoutIsTheStoresWhileNothingWorks() {
        Batch batch = batch(8, 4);
        shrinkToOne(batch);
        for (int i = 0; i < 20; i++) {
            assertThat(limit.loneTimeoutIsTheEntrys(limit.cut(batch), 0)).isFalse();
            limit.timedOut(limit.cut(batch), 0);
        }
    }

    private void shrinkToOne(Batch batch) {
        for (int i = 0; i < 3; i++) {
            limit.timedOut(limit.cut(batch), 0);
        }
        assertThat(limit.cut(batch).entries()).hasSize(1);
    }

    private static List<Long> versionsOf(Batch batch) {
        return batch.entries().stream().map(c -> c.entry().version().value()).toList();
    }

    private static Batch batch(int entries, int aggregates) {
        return new Batch(
                LongStream.rangeClosed(1, entries)
                        .mapToObj(n -> new Claimed(
                                new ClaimedEntry(
                                        new Version(n),
                                        0,
                                        Aggregate.of("order", (n - 1) % aggregates),
                                        Operation.DELETE,
                                        null,
                                        "order",
                                        1,
                                        Map.of(),
                                        Instant.EPOCH),
                                false))
                        .toList(),
                true,
                true);
    }
}
