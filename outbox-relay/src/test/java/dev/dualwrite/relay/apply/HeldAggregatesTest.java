package dev.dualwrite.relay.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeldAggregatesTest {

    private static final Aggregate ONE = Aggregate.of("order", 1);
    private static final Aggregate TWO = Aggregate.of("order", 2);

    private final HeldAggregates held = new HeldAggregates();
    private final long start = System.nanoTime();

    @Test
    void theyAreReadForABacklogOnly() {
        assertThat(held.atRest(false, start)).isFalse();
        assertThat(held.atRest(true, start)).isTrue();
    }

    @Test
    void whatIsHeldBlocksOnceItIsKnownAndBeforeItIsSettled() {
        read(ONE);
        held.held(List.of(TWO));

        assertThat(held.areKnown()).isTrue();
        assertThat(held.blocking()).containsExactlyInAnyOrder(ONE, TWO);
        held.atRest(true, start);
        assertThat(held.blocking()).containsExactlyInAnyOrder(ONE, TWO);
    }

    @Test
    void batchClaimedAheadIsBlockedByWhatWasHeldSinceThoughNothingIsKnown() {
        held.held(List.of(TWO));

        assertThat(held.blocking()).containsExactly(TWO);
        held.atRest(false, start);
        assertThat(held.blocking()).isEmpty();
    }

    @Test
    void theyStayKnownWhileABatchThatWasClaimedWithoutALookMayBeUnderWay() {
        read(ONE);

        held.someGone();

        assertThat(held.blocking()).containsExactly(ONE);
        assertThat(held.atRest(true, start)).as("read again").isTrue();
        assertThat(held.areKnown()).isFalse();
    }

    @Test
    void theyAreNotReadAgainAfterASettleOfUnknownOutcome() {
        read(ONE);

        held.notToBeKnown();

        assertThat(held.atRest(true, start)).isFalse();
        assertThat(held.areKnown()).isFalse();
        assertThat(held.atRest(true, start + TimeUnit.HOURS.toNanos(1))).isFalse();
    }

    @Test
    void tooManyAreAskedForAgainLater() {
        held.atRest(true, start);
        held.read(Optional.empty(), start);

        assertThat(held.areKnown()).isFalse();
        assertThat(held.atRest(true, start + TimeUnit.SECONDS.toNanos(5))).isFalse();
        assertThat(held.atRest(true, start + TimeUnit.SECONDS.toNanos(10))).isTrue();
    }

    @Test
    void theyAreNoLongerKnownOnceTheyHaveBecomeTooMany() {
        read(ONE);
        var many = new HashSet<Aggregate>();
        for (int i = 0; i < HeldAggregates.MOST; i++) {
            many.add(Aggregate.of("line", i));
        }
        held.held(many);

        assertThat(held.areKnown()).as("batches under way need them").isTrue();
        assertThat(held.atRest(true, start)).isTrue();
        assertThat(held.areKnown()).isFalse();
    }

    private void read(Aggregate... aggregates) {
        assertThat(held.atRest(true, start)).isTrue();
        held.read(Optional.of(Set.of(aggregates)), start);
    }
}
