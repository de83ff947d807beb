package dev.dualwrite.testkit;

import static dev.dualwrite.outbox.Operation.DELETE;
import static dev.dualwrite.outbox.Operation.UPSERT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.testkit.Violation.Kind;
import org.junit.jupiter.api.Test;

class HistoryCheckerTest {

    private static final Aggregate A = Aggregate.of("order", "a");
    private static final Aggregate B = Aggregate.of("order", "b");

    private final HistoryChecker history = new HistoryChecker();

    @Test
    void emptyHistoryIsClean() {
        assertThatCode(history::assertClean).doesNotThrowAnyException();
    }

    @Test
    void everythingAppliedInOrderIsClean() {
        committed("1", "2").committed(A, "3", DELETE).committed(A, "4", UPSERT);
        applied("1", 10).applied(A, "2", v(20), UPSERT).applied(A, "3", v(30), DELETE);
        applied("4", 40).primaryHolds(A, "4").secondaryHolds(A, "4");

        assertThat(history.check()).isEmpty();
    }

    @Test
    void newestMayStandForOlderOnes() {
        committed("1", "2", "3");
        applied("3", 30).primaryHolds(A, "3").secondaryHolds(A, "3");

        assertThat(history.check()).isEmpty();
    }

    @Test
    void deletionOfWhatNeverArrivedHasNoEffect() {
        committed("1").committed(A, "2", DELETE);

        assertThat(history.check()).isEmpty();
    }

    @Test
    void deletionMayComeWithoutItsToken() {
        committed("1").committed(A, "2", DELETE).committed(A, "3", UPSERT).committed(A, "4", DELETE);
        applied("1", 1).applied(A, null, v(4), DELETE);

        assertThat(history.check()).isEmpty();
    }

    @Test
    void effectOfAnAttemptWithUnknownEndIsClean() {
        committed("1").attempted(A, "unknown", UPSERT);
        applied("1", 1);
        applied("unknown", 2).primaryHolds(A, "unknown").secondaryHolds(A, "unknown");

        assertThat(history.check()).isEmpty();
    }

    @Test
    void attemptWithUnknownEndMayStandForOlderCommits() {
        committed("1", "2").attempted(A, "unknown", DELETE);
        applied("1", 1).applied(A, null, v(3), DELETE);

        assertThat(history.check()).isEmpty();
    }

    @Test
    void attemptThatNeverCommittedIsNotMissed() {
        committed("1").attempted(A, "1", UPSERT).attempted(A, "rolled back", UPSERT);
        applied("1", 1).primaryHolds(A, "1").secondaryHolds(A, "1");

        assertThat(history.check()).isEmpty();
    }

    @Test
    void lastCommitWithoutEffectIsLost() {
        committed("1", "2", "3");
        applied("1", 1).primaryHolds(A, "3").secondaryHolds(A, "1");

        assertFinds(
                Kind.LOST, "2 commits have no effect, and no later commit has one: ['2', '3']; the last effect is '1'");
    }

    @Test
    void deletionWithoutEffectIsLost() {
        committed("1").committed(A, "2", DELETE);
        applied("1", 1).secondaryHolds(A, "1");

        assertFinds(Kind.LOST, "[deletion '2']");
    }

    @Test
    void commitThatThePrimaryDoesNotHoldIsLost() {
        committed("1", "2");
        applied("2", 2).primaryHolds(A, "1").secondaryHolds(A, "2");

        assertFinds(Kind.LOST, "the primary holds '1', its last commit '2' leaves '2'");
    }

    @Test
    void unknownAttemptThatDidNotSurviveDoesNotStandForACommit() {
        committed("1", "2").attempted(A, "unknown", UPSERT);
        applied("unknown", 9).primaryHolds(A, "2").secondaryHolds(A, "unknown");

        assertFinds(Kind.LOST, "['1', '2']");
    }

    @Test
    void unknownAttemptThatThePrimaryReplacedDoesNotStandForACommit() {
        committed("1", "2").attempted(A, "unknown", UPSERT).attempted(A, "newest", UPSERT);
        applied("1", 1);
        applied("unknown", 9).primaryHolds(A, "newest").secondaryHolds(A, "unknown");

        assertFinds(Kind.LOST, "['2']");
    }

    @Test
    void effectThatNobodyAskedForIsInvented() {
        committed("1");
        applied("ghost", 1);
        applied("1", 2).primaryHolds(A, "1").secondaryHolds(A, "1");

        assertFinds(Kind.INVENTED, "effect of 'ghost' (version 1), which no writer asked for");
    }

    @Test
    void deletionThatNobodyAskedForIsInvented() {
        committed("1", "2");
        applied("1", 1).applied(A, null, v(2), DELETE);
        applied("2", 3).primaryHolds(A, "2").secondaryHolds(A, "2");

        assertFinds(Kind.INVENTED, "effect of deletion unnamed (version 2)");
    }

    @Test
    void deletionInPlaceOfAnUpsertIsInvented() {
        committed("1", "2");
        history.applied(A, "1", v(1), DELETE);
        applied("2", 2).primaryHolds(A, "2").secondaryHolds(A, "2");

        assertFinds(Kind.INVENTED, "effect of deletion '1' (version 1), what was committed is '1'");
    }

    @Test
    void stateOfThePrimaryThatNobodyAskedForIsInvented() {
        history.primaryHolds(A, "ghost");

        assertFinds(Kind.INVENTED, "the primary holds 'ghost'");
    }

    @Test
    void effectAfterThatOfALaterCommitIsOutOfOrder() {
        committed("1", "2", "3");
        applied("2", 1);
        applied("1", 2);
        applied("3", 3).primaryHolds(A, "3").secondaryHolds(A, "3");

        assertFinds(Kind.OUT_OF_ORDER, "effect of '1' (version 2) after that of '2', which was committed later");
    }

    @Test
    void effectTwiceIsOutOfOrder() {
        committed("1");
        applied("1", 1);
        applied("1", 2).primaryHolds(A, "1").secondaryHolds(A, "1");

        assertFinds(Kind.OUT_OF_ORDER, "effect of '1' (version 2) twice");
    }

    @Test
    void unnamedDeletionAfterALaterCommitIsOutOfOrder() {
        committed("1").committed(A, "2", DELETE).committed(A, "3", UPSERT).committed(A, "4", UPSERT);
        applied("3", 3).applied(A, null, v(4), DELETE);
        applied("4", 5).primaryHolds(A, "4").secondaryHolds(A, "4");

        assertFinds(Kind.OUT_OF_ORDER, "effect of deletion unnamed (version 4)");
    }

    @Test
    void versionThatDoesNotRiseIsFound() {
        committed("1", "2");
        applied("1", 7);
        applied("2", 7).primaryHolds(A, "2").secondaryHolds(A, "2");

        assertFinds(Kind.VERSION_NOT_RISING, "effect of '2' (version 7) after one of version 7");
    }

    @Test
    void stateThatTheLastEffectDidNotLeaveIsUnexplained() {
        committed("1", "2");
        applied("2", 2).primaryHolds(A, "2").secondaryHolds(A, "1");

        assertFinds(Kind.UNEXPLAINED, "the secondary holds '1', its last effect '2' (version 2) leaves '2'");
    }

    @Test
    void statesThatDifferAreFound() {
        committed("1");
        applied("1", 1).primaryHolds(A, "1");

        assertFinds(Kind.STATES_DIFFER, "the primary holds '1', the secondary nothing");
    }

    @Test
    void forgottenCommitNeedsNoEffectAndMayHaveOne() {
        committed("1", "lost 1", "lost 2", "2").forgotten(A, "lost 1", UPSERT).forgotten(A, "lost 2", UPSERT);
        history.forgotten(A, "lost 3", UPSERT);
        applied("1", 1);
        applied("lost 1", 2);
        applied("lost 3", 3);
        applied("2", 1L << 48).primaryHolds(A, "2").secondaryHolds(A, "2");

        assertThat(history.check()).isEmpty();
    }

    @Test
    void forgottenCommitAtTheEndIsNotMissed() {
        committed("1", "lost").forgotten(A, "lost", UPSERT);
        applied("1", 1).primaryHolds(A, "1").secondaryHolds(A, "1");

        assertThat(history.check()).isEmpty();
    }

    @Test
    void forgottenCommitAfterALaterSurvivorIsOutOfOrder() {
        committed("1", "lost", "2", "3").forgotten(A, "lost", UPSERT);
        applied("2", 1);
        applied("lost", 2);
        applied("3", 3).primaryHolds(A, "3").secondaryHolds(A, "3");

        assertFinds(Kind.OUT_OF_ORDER, "effect of 'lost' (version 2) after that of '2'");
    }

    @Test
    void forgottenCommitInTheFinalStateIsFound() {
        committed("1", "lost").forgotten(A, "lost", UPSERT);
        applied("1", 1);
        applied("lost", 2).primaryHolds(A, "1").secondaryHolds(A, "lost");

        assertFinds(Kind.STATES_DIFFER, "the primary holds '1', the secondary 'lost'");
    }

    @Test
    void forgottenCommitThatThePrimaryHoldsIsFound() {
        committed("1", "lost").forgotten(A, "lost", UPSERT).attempted(A, "lost", UPSERT);
        applied("lost", 2).primaryHolds(A, "lost").secondaryHolds(A, "lost");

        assertFinds(Kind.LOST, "the primary holds 'lost', its last commit '1' leaves '1'");
    }

    @Test
    void forgottenCommitWithoutAPlaceThatThePrimaryHoldsIsFound() {
        committed("1").attempted(A, "lost", UPSERT).forgotten(A, "lost", UPSERT);
        applied("1", 1);
        applied("lost", 2).primaryHolds(A, "lost").secondaryHolds(A, "lost");

        assertFinds(Kind.INVENTED, "the primary holds 'lost', its last commit '1' leaves '1'");
    }

    @Test
    void aggregatesAreJudgedApart() {
        history.committed(A, "1", UPSERT).committed(B, "1", UPSERT).committed(B, "2", UPSERT);
        history.applied(B, "2", v(1), UPSERT).applied(A, "1", v(1), UPSERT);
        history.primaryHolds(A, "1").secondaryHolds(A, "1").primaryHolds(B, "2").secondaryHolds(B, "2");

        assertThat(history.check()).isEmpty();
    }

    @Test
    void reportShowsTheFirstTwentyViolations() {
        for (int i = 10; i < 35; i++) {
            history.committed(Aggregate.of("order", i), "t" + i, DELETE);
            history.applied(Aggregate.of("order", i), "ghost" + i, v(1), DELETE);
        }

        assertThatThrownBy(history::assertClean)
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith(
                        "25 violations in a history of 25 commits and 25 effects of 25 aggregates, expected"
                                + " none\n  INVENTED order:10: effect of deletion 'ghost10' (version 1)")
                .hasMessageContaining("order:29")
                .hasMessageNotContaining("order:30")
                .hasMessageEndingWith("\n  and 5 more");
    }

    @Test
    void historyThatContradictsItselfIsRefused() {
        committed("1").primaryHolds(A, "1").secondaryHolds(A, "1");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> committed("1"))
                .withMessageContaining("token '1' of order:a was told as committed twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> history.primaryHolds(A, "2"))
                .withMessageContaining("at the primary was told twice, as '1' and as '2'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> history.secondaryHolds(A, "2"))
                .withMessageContaining("at the secondary was told twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> history.applied(A, null, v(1), UPSERT))
                .withMessageContaining("without its token");
    }

    private HistoryChecker committed(String... tokens) {
        for (String token : tokens) {
            history.committed(A, token, UPSERT);
        }
        return history;
    }

    private HistoryChecker applied(String token, long version) {
        return history.applied(A, token, v(version), Operation.UPSERT);
    }

    private void assertFinds(Kind kind, String detail) {
        assertThat(history.check()).anySatisfy(violation -> {
            assertThat(violation.kind()).isEqualTo(kind);
            assertThat(violation.detail()).contains(detail);
        });
    }

    private static Version v(long version) {
        return new Version(version);
    }
}
