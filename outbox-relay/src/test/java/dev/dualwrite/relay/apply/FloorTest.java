package dev.dualwrite.relay.apply;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The floor never passes an entry that can still appear. */
class FloorTest {

    private static final long ALL = Long.MAX_VALUE;

    private final Floor floor = new Floor(10);

    @Test
    void firstClaimAloneProvesNothing() {
        floor.claimed(500, 20, ALL, 1);
        floor.settled();

        assertThat(floor.value()).isEqualTo(10);
        assertThat(floor.wantsTransactionId()).isTrue();
    }

    @Test
    void floorMovesWhenEveryTransactionThatCanHoldASmallerNumberHasEnded() {
        claimAndSettle(500, 20, ALL, 1);
        floor.transactionIdAssigned(600, 1);

        claimAndSettle(601, 30, ALL, 2);

        assertThat(floor.value()).isEqualTo(20);
    }

    @Test
    void floorWaitsForATransactionAsOldAsTheAssignedId() {
        claimAndSettle(500, 20, ALL, 1);
        floor.transactionIdAssigned(600, 1);

        claimAndSettle(600, 30, ALL, 2);

        assertThat(floor.value()).isEqualTo(10);
    }

    @Test
    void idThatMayHaveBeenAssignedBeforeTheClaimCountsForNothing() {
        claimAndSettle(500, 20, ALL, 2);
        floor.transactionIdAssigned(600, 1);

        claimAndSettle(10_000, 30, ALL, 3);

        assertThat(floor.value()).isEqualTo(10);
        assertThat(floor.wantsTransactionId()).isTrue();
    }

    @Test
    void floorWaitsForAClaimThatReachesPastIt() {
        claimAndSettle(500, 20, ALL, 1);
        floor.transactionIdAssigned(600, 1);

        claimAndSettle(700, 15, 15, 2);
        assertThat(floor.value()).isEqualTo(10);

        claimAndSettle(700, 25, 25, 3);
        assertThat(floor.value()).isEqualTo(20);
    }

    @Test
    void floorWaitsForTheSettle() {
        claimAndSettle(500, 20, ALL, 1);
        floor.transactionIdAssigned(600, 1);

        floor.claimed(700, 30, ALL, 2);
        assertThat(floor.value()).isEqualTo(10);

        floor.abandoned();
        floor.settled();
        assertThat(floor.value()).isEqualTo(10);
    }

    @Test
    void fullClaimsMoveTheFloorInSteps() {
        claimAndSettle(500, 20, 20, 1);
        floor.transactionIdAssigned(600, 1);
        claimAndSettle(601, 30, 30, 2);
        assertThat(floor.value()).isEqualTo(20);

        claimAndSettle(602, 40, 40, 3);
        floor.transactionIdAssigned(603, 3);
        claimAndSettle(604, 50, 50, 4);

        assertThat(floor.value()).isEqualTo(40);
    }

    @Test
    void floorThatReachedTheLastNumberWantsNothing() {
        claimAndSettle(500, 20, ALL, 1);
        floor.transactionIdAssigned(600, 1);
        claimAndSettle(601, 20, ALL, 2);

        assertThat(floor.hasReached(20)).isTrue();
        assertThat(floor.hasReached(21)).isFalse();
        assertThat(floor.wantsTransactionId()).isFalse();
    }

    private void claimAndSettle(long xmin, long known, long reached, long claim) {
        floor.claimed(xmin, known, reached, claim);
        floor.settled();
    }
}
