package dev.dualwrite.outbox.jdbc;

import static dev.dualwrite.outbox.jdbc.OperatorScene.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

/** What requeue and discard answer for an entry that was not tried yet: what keeps it, and what to do. */
class HotEntryIT {

    private OperatorScene scene;
    private String lane;

    @BeforeEach
    void install() throws SQLException {
        scene = new OperatorScene("dualwrite");
        scene.hot("copy", "a", "10 s");
        scene.hot("copy", "a", "5 s");
        lane = "copy/" + scene.value("SELECT $.shard_of('order', 'a', 16)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"requeue", "discard"})
    void pausedSinkIsNamedWithTheWayToResumeIt(String function) throws SQLException {
        scene.run("SELECT $.pause_sink('copy', 'store moves')");

        assertThat(refusal("SELECT $." + function + "(2, 'x')"))
                .matches("entry 2 was not tried yet, 1 others are before it in lane " + lane
                        + ": its sink is paused by postgres since .*: store moves -- It is tried without your doing"
                        + " after resume_sink\\('copy', why\\)\\.");
        assertThat(scene.rows("SELECT action FROM $.audit")).containsExactly("pause_sink");
    }

    @Test
    void sinkThatNobodyCarriesIsNamedWithTheWayToGetRidOfItsEntries() throws SQLException {
        assertThat(refusal("SELECT $.discard(1, 'x')"))
                .isEqualTo("entry 1 was not tried yet, 0 others are before it in lane " + lane
                        + ": no living relay carries its sink; see the view relays -- It is tried once a relay has sink"
                        + " copy in its configuration; if none ever will: discard_uncarried('copy', why).");
    }

    @Test
    void openBreakerIsNamedAndThatItClosesByItself() throws SQLException {
        scene.relay(RELAY, "pod-1:7", "copy");
        scene.run("UPDATE $.relay_sink SET tripped_at = now(), tripped_reason = 'connection refused'");

        assertThat(refusal("SELECT $.requeue(1, 'x')"))
                .contains("the breaker of its sink is open at relay " + RELAY + " on pod-1:7", "connection refused")
                .endsWith(" -- It is tried without your doing once the secondary store answers; see the view sinks.");
    }

    @Test
    void laneThatNobodyHoldsIsNamed() throws SQLException {
        scene.relay(RELAY, "pod-1:7", "copy");

        assertThat(refusal("SELECT $.requeue(1, 'x')"))
                .contains("no living relay holds its lane " + lane)
                .endsWith(" -- A living relay takes the lane by itself: within seconds, or a lease after its holder was"
                        + " killed.");
    }

    @Test
    void entryThatWaitsForItsTurnIsTold() throws SQLException {
        scene.relay(RELAY, "pod-1:7", "copy");
        scene.lease(RELAY, "copy");

        assertThat(refusal("SELECT $.discard(2, 'x')"))
                .contains("1 others are before it", "its lane is being worked by relay " + RELAY + " on pod-1:7")
                .endsWith(" -- It is tried without your doing when its turn comes; only a dead entry is requeued or"
                        + " discarded.");
    }

    @Test
    void manyBeforeItAreNotCountedToTheEnd() throws SQLException {
        for (int i = 0; i < 12; i++) {
            scene.run("""
                    INSERT INTO $.outbox_entry (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id)
                    SELECT sink_id, shard, 1, 'D', 'order', 'a'
                    FROM (SELECT sink_id, shard FROM $.outbox_entry LIMIT 1) e, generate_series(1, 100)
                    """);
        }

        assertThat(refusal("SELECT $.discard(1200, 'x')")).contains("1000 or more others are before it");
        scene.run("UPDATE $.lane SET floor = 1190");
        assertThat(refusal("SELECT $.discard(1200, 'x')")).contains(" 9 others are before it");
    }

    @Test
    void idCountsWithThePresentEpochOnlyAsTheViewShowsIt() throws SQLException {
        scene.run("UPDATE $.control SET epoch = 1");

        assertThat(refusal("SELECT $.discard(281474976710657, 'x')")).startsWith("entry 281474976710657 was not tried");
        assertThat(refusal("SELECT $.discard(1, 'x')")).startsWith("there is no entry 1 here");
    }

    /** Message and hint. */
    private String refusal(String call) {
        var refused = catchThrowableOfType(PSQLException.class, () -> scene.run(call));
        return refused.getServerErrorMessage().getMessage() + " -- "
                + refused.getServerErrorMessage().getHint();
    }
}
