package dev.dualwrite.relay.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Version;
import dev.dualwrite.relay.chaos.History.Commit;
import dev.dualwrite.relay.chaos.Secondary.Effect;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the checker finds, one rule after the other, in histories of one aggregate. */
class HistoriesTest {

    private static final List<Commit> COMMITTED =
            List.of(new Commit("a", false), new Commit("b", true), new Commit("c", false));

    @Test
    void everyCommitInItsTurnIsRight() {
        assertThat(violations("c", effect("a", 0, 1), deletion("b", 0, 2), effect("c", 0, 3)))
                .isEmpty();
    }

    @Test
    void newerCommitMayStandForOlderOnes() {
        assertThat(violations("c", effect("c", 0, 3))).isEmpty();
    }

    @Test
    void effectThatNobodyAskedForIsInvented() {
        assertThat(violations("c", effect("x", 0, 2), effect("c", 0, 3)))
                .singleElement()
                .asString()
                .startsWith("invented");
    }

    @Test
    void effectOfWhatRolledBackIsInvented() {
        assertThat(violations("c", effect("rolled-back", 0, 2), effect("c", 0, 3)))
                .singleElement()
                .asString()
                .startsWith("invented");
    }

    @Test
    void effectOfWhatIsNotCommittedMayHaveBeenLostByFailover() {
        assertThat(violations("c", effect("rolled-back", 0, 2), effect("c", 1, 2)))
                .isEmpty();
    }

    @Test
    void versionThatFallsIsFound() {
        assertThat(violations("c", effect("a", 0, 3), effect("c", 0, 2)))
                .singleElement()
                .asString()
                .startsWith("version not rising");
    }

    @Test
    void effectAfterThatOfLaterCommitIsOutOfOrder() {
        assertThat(violations("c", effect("c", 0, 3), deletion("b", 0, 4), effect("c", 1, 5)))
                .singleElement()
                .asString()
                .startsWith("out of order");
    }

    @Test
    void effectThatComesTwiceInOneEpochIsOutOfOrder() {
        assertThat(violations("c", effect("c", 0, 3), effect("c", 0, 4)))
                .singleElement()
                .asString()
                .startsWith("out of order");
    }

    @Test
    void newEpochMayBeginWithWhatWasAppliedBefore() {
        assertThat(violations("c", effect("a", 0, 1), deletion("b", 0, 2), effect("a", 1, 1), effect("c", 1, 3)))
                .isEmpty();
    }

    @Test
    void lastCommitThatIsNotThereIsLost() {
        assertThat(violations("a", effect("a", 0, 1)))
                .singleElement()
                .asString()
                .startsWith("lost");
    }

    @Test
    void rowThatIsGoneIsLost() {
        assertThat(violations(null, effect("c", 0, 3)))
                .singleElement()
                .asString()
                .startsWith("lost");
    }

    private static List<String> violations(String row, Effect... effects) {
        List<Ledger.Attempt> attempts = Stream.of("a", "b", "c", "rolled-back")
                .map(token -> new Ledger.Attempt("1", 0, token, token.equals("b")))
                .toList();
        return Histories.violations(new History(
                Map.of("1", COMMITTED), attempts, List.of(effects), row == null ? Map.of() : Map.of("1", row)));
    }

    private static Effect effect(String token, int epoch, long sequence) {
        return new Effect("1", token, Version.of(epoch, sequence).value(), false);
    }

    private static Effect deletion(String token, int epoch, long sequence) {
        return new Effect("1", token, Version.of(epoch, sequence).value(), true);
    }
}
