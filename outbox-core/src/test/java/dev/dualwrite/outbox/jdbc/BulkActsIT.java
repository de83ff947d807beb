package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

/** Requeue and discard of many entries at once: all or none, in order, and on record in one row. */
class BulkActsIT {

    private OperatorScene scene;

    @BeforeEach
    void install() throws SQLException {
        scene = new OperatorScene("dualwrite");
        scene.held(1, "a", "dead");
        scene.held(2, "a", "blocked");
        scene.held(3, "a", "dead");
        scene.held("search", 4, "b", "dead");
        scene.held(5, "c", "backing_off");
        scene.held(6, "c", "blocked");
    }

    @Test
    void requeuedOnesOfAnAggregateAreTriedInTheirOrder() throws SQLException {
        assertThat(scene.value("SELECT $.requeue_some('{4,3,1}', 'column widened')"))
                .isEqualTo("3");

        assertThat(scene.rows("SELECT version, state, attempts FROM $.held_entry ORDER BY version"))
                .containsExactly(
                        "1 | backing_off | 0",
                        "2 | blocked | 0",
                        "3 | blocked | 0",
                        "4 | backing_off | 0",
                        "5 | backing_off | 3",
                        "6 | blocked | 0");
        assertThat(scene.disorder()).isEmpty();
    }

    @Test
    void firstOneTakesTheDeadOnesBehindItWithIt() throws SQLException {
        scene.run("SELECT $.requeue_some('{1}', 'column widened')");

        assertThat(scene.states().subList(0, 3)).containsExactly("1 backing_off", "2 blocked", "3 blocked");
        assertThat(scene.rows("SELECT detail->>'tried_now', detail->>'followed_behind' FROM $.audit"))
                .containsExactly("1 | 1");
    }

    @Test
    void severalDiscardedOnesOfAnAggregateLeaveItsNextOneToBeTried() throws SQLException {
        scene.held(7, "d", "dead");
        scene.held(8, "d", "dead");

        assertThat(scene.value("SELECT $.discard_some('{8,1,3,7}', 'orders were a test')"))
                .isEqualTo("4");

        assertThat(scene.states()).containsExactly("2 backing_off", "4 dead", "5 backing_off", "6 blocked");
        assertThat(scene.rows("SELECT version, reason, repaired_at FROM $.discarded_entry ORDER BY version"))
                .containsExactly(
                        "1 | orders were a test | ",
                        "3 | orders were a test | ",
                        "7 | orders were a test | ",
                        "8 | orders were a test | ");
        assertThat(scene.disorder()).isEmpty();
    }

    @Test
    void deadOneInTheMiddleMayBeDiscardedAndTheFirstStays() throws SQLException {
        scene.run("SELECT $.discard_some('{3,4}', 'orders were a test')");

        assertThat(scene.states()).containsExactly("1 dead", "2 blocked", "5 backing_off", "6 blocked");
        assertThat(scene.value("SELECT detail->>'aggregates_that_go_on' FROM $.audit"))
                .isEqualTo("0");
    }

    @Test
    void recordCountsTheDeadOnesThatWaitBehindAFreedOne() throws SQLException {
        scene.held(7, "a", "dead");

        scene.run("SELECT $.discard_some('{1,4}', 'orders were a test')");

        assertThat(scene.states())
                .containsExactly("2 backing_off", "3 blocked", "5 backing_off", "6 blocked", "7 blocked");
        assertThat(scene.rows("SELECT detail->>'aggregates_that_go_on', detail->>'followed_behind' FROM $.audit"))
                .containsExactly("1 | 2");
    }

    @Test
    void aggregateWhoseNextOneIsDeadTooDoesNotGoOn() throws SQLException {
        scene.held(7, "d", "dead");
        scene.held(8, "d", "dead");

        scene.run("SELECT $.discard_some('{7}', 'order was a test')");

        assertThat(scene.value("SELECT detail->>'aggregates_that_go_on' FROM $.audit"))
                .isEqualTo("0");
    }

    @Test
    void recordTellsHowManyOfWhichSinkAndTheFirstOfThem() throws SQLException {
        scene.run("SELECT $.requeue_some('{4,3,1}', 'column widened')");

        assertThat(scene.rows("SELECT actor, action, subject, reason, detail FROM $.audit"))
                .containsExactly(
                        "postgres | requeue_some | entries 3 | column widened | {\"sinks\": {\"copy\": 2, \"search\":"
                                + " 1}, \"entries\": 3, \"first_ids\": [1, 3, 4], \"tried_now\": 2, \"aggregates\": 2,"
                                + " \"followed_behind\": 1}");
    }

    @Test
    void previewIsTheActRolledBack() throws SQLException {
        List<String> before = scene.states();
        try (Connection connection = scene.installed().dataSource().getConnection()) {
            connection.setAutoCommit(false);
            Psql.run(connection, "SELECT dualwrite.discard_some('{1,3}', 'preview')");
            assertThat(Psql.run(connection, "SELECT detail FROM dualwrite.audit ORDER BY audit_id DESC LIMIT 1")
                            .rows())
                    .containsExactly(List.of("{\"sinks\": {\"copy\": 2}, \"entries\": 2, \"first_ids\": [1, 3],"
                            + " \"aggregates\": 1, \"followed_behind\": 0, \"aggregates_that_go_on\": 1}"));
            connection.rollback();
        }

        assertThat(scene.states()).isEqualTo(before);
        assertThat(scene.rows("SELECT * FROM $.audit")).isEmpty();
    }

    @Test
    void refusalNamesAllThatDoNotFitAndTheCureOfTheFirst() {
        var refused = catchThrowableOfType(
                PSQLException.class, () -> scene.run("SELECT $.requeue_some('{99,5,1,2,4}', 'x')"));

        assertThat(refused.getServerErrorMessage())
                .extracting(e -> e.getMessage(), e -> e.getDetail(), e -> e.getHint())
                .containsExactly(
                        "entry 2 is blocked, not dead: it waits for entry 1 of the same aggregate",
                        "Nothing was changed: 3 of 5 entries are not dead: 2, 5, 99",
                        "Cure entry 1; what waits for it follows by itself.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"requeue_some", "discard_some"})
    void tenThousandAreTakenAndNotOneMore(String function) throws SQLException {
        scene.run("""
                INSERT INTO $.held_entry
                       (version, appended_at, attempts, sink_id, shard, schema_version, operation, state, aggregate_type,
                        aggregate_id, error_message)
                SELECT 1000 + n, now(), 1, 1, $.shard_of('order', 'n' || n / 2, 16), 1, 'D', 'dead', 'order', 'n' || n / 2, 'x'
                FROM generate_series(0, 10000) AS n
                """);
        String call = "SELECT $." + function + "(ARRAY(SELECT g FROM generate_series(1000, %d) AS g), 'x')";

        assertThatThrownBy(() -> scene.run(call.formatted(11_000)))
                .hasMessageContaining("the entry_ids are 10001, expected 1 to 10000");
        assertThat(scene.value(call.formatted(10_999))).isEqualTo("10000");

        assertThat(scene.disorder()).isEmpty();
        assertThat(scene.value("SELECT jsonb_array_length(detail->'first_ids') FROM $.audit"))
                .isEqualTo("20");
    }

    @Test
    void callOfASingleOneIsNotAmbiguous() throws SQLException {
        assertThat(scene.value("SELECT $.requeue(1, 'x')")).isEqualTo("1");
        assertThat(scene.value("SELECT $.discard('4', 'x')")).isEqualTo("4");
    }
}
