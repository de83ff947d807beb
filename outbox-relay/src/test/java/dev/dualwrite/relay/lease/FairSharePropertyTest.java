package dev.dualwrite.relay.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Members that come, go and look late: whatever they do, each lane ends with one of them, after as few moves as can be. */
class FairSharePropertyTest {

    private static final long SEED = Long.getLong("dualwrite.seed", System.nanoTime());
    private static final int RUNS = Integer.getInteger("dualwrite.runs", 100);

    /** One to give back and to take what was free, one to take what was given back, and one that changes nothing. */
    private static final int ROUNDS_WITH_EQUAL_VIEWS = 3;

    /** Every third look is late. Some lanes look like orphans then, and those who adopt them keep them for a while. */
    private static final int ROUNDS_WITH_LATE_VIEWS = 30;

    /** Once no look is late: all that was adopted is given back, and few rounds bring it to those who miss it. */
    private static final int ROUNDS_AFTER_LATE_VIEWS = SimulatedCluster.ADOPTED_FOR_ROUNDS + 5;

    /** Two looks until it counts as an orphan, and some for those who must give a lane back first. Seen: 5 at most. */
    private static final int ROUNDS_WITHOUT_HOLDER = 10;

    @Test
    void lanesSettleWithTheFewestMoves() {
        for (int run = 0; run < RUNS; run++) {
            var cluster = new SimulatedCluster(new Random(SEED + run));
            for (int change = 0; change < 6; change++) {
                cluster.changeMembers();
                cluster.forgetOrphans();
                int fewest = cluster.fewestMoves();
                int before = cluster.moves();

                int rounds = cluster.settle(ROUNDS_WITH_EQUAL_VIEWS);

                assertThat(cluster.disorder()).as(at(run, change)).isEmpty();
                assertThat(rounds).as(at(run, change)).isLessThan(ROUNDS_WITH_EQUAL_VIEWS);
                assertThat(cluster.moves() - before)
                        .as("moves, " + at(run, change))
                        .isEqualTo(fewest);
            }
        }
    }

    @Test
    void lanesSettleOnceNobodyLooksLateAnyMore() {
        for (int run = 0; run < RUNS; run++) {
            var cluster = new SimulatedCluster(new Random(SEED + run));
            for (int change = 0; change < 6; change++) {
                cluster.changeMembers();

                for (int round = 0; round < ROUNDS_WITH_LATE_VIEWS; round++) {
                    cluster.round(true);
                }
                cluster.settle(ROUNDS_AFTER_LATE_VIEWS);

                assertThat(cluster.disorder()).as(at(run, change)).isEmpty();
            }
        }
    }

    @Test
    void laneThatItsOwnerCannotTakeIsTakenByAnother() {
        for (int run = 0; run < RUNS; run++) {
            var cluster = new SimulatedCluster(new Random(SEED + run));
            cluster.changeMembers();
            cluster.makeSomeUnable();

            int movesUntilThen = 0;
            for (int round = 0; round < 50; round++) {
                cluster.round(false);

                assertThat(cluster.freeForRoundsAtMost()).as(at(run, round)).isLessThan(ROUNDS_WITHOUT_HOLDER);
                movesUntilThen = round == 40 ? cluster.moves() : movesUntilThen;
            }
            assertThat(cluster.moves()).as("lanes stay adopted, " + at(run, 50)).isEqualTo(movesUntilThen);
        }
    }

    private static String at(int run, int step) {
        return "run " + run + ", step " + step + ", -Ddualwrite.seed=" + SEED;
    }
}
