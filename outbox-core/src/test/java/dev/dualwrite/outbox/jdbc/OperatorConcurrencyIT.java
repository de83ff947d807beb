package dev.dualwrite.outbox.jdbc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two people, or a person and a relay, at the same entries at the same time: the second one waits and then sees. */
class OperatorConcurrencyIT {

    private final ExecutorService second = Executors.newSingleThreadExecutor();
    private OperatorScene scene;

    @BeforeEach
    void install() throws SQLException {
        scene = new OperatorScene("dualwrite");
        scene.held(1, "a", "dead");
        scene.held(2, "a", "dead");
        scene.held(3, "a", "blocked");
    }

    @AfterEach
    void stop() {
        second.shutdownNow();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SELECT $.requeue(1, 'x')        | SELECT $.requeue(1, 'y')        | entry 1 is backing_off after 0 attempts, not dead
            SELECT $.requeue(1, 'x')        | SELECT $.discard(1, 'y')        | entry 1 is backing_off after 0 attempts, not dead
            SELECT $.discard(1, 'x')        | SELECT $.discard(1, 'y')        | entry 1 was discarded by postgres
            SELECT $.discard(1, 'x')        | SELECT $.requeue(1, 'y')        | entry 1 was discarded by postgres
            SELECT $.requeue_all('copy','x')| SELECT $.discard(2, 'y')        | entry 2 is blocked, not dead: it waits for entry 1
            SELECT $.pause_sink('copy', 'x')| SELECT $.pause_sink('copy', 'y')| sink copy is paused already
            SELECT $.requeue_some('{1,2}', 'x') | SELECT $.requeue_some('{2,1}', 'y') | entry 1 is backing_off after 0 attempts, not dead
            SELECT $.discard_some('{1,2}', 'x') | SELECT $.requeue_some('{2,1}', 'y') | entry 1 was discarded by postgres
            DELETE FROM $.held_entry WHERE version = 2 | SELECT $.discard_some('{2,1}', 'y') | there is no entry 2 here
            DELETE FROM $.held_entry WHERE version = 1 | SELECT $.requeue(1, 'y') | there is no entry 1 here
            DELETE FROM $.held_entry WHERE version = 1 | SELECT $.discard(1, 'y') | there is no entry 1 here
            """)
    void secondOneWaitsForTheFirstAndIsRefused(String first, String then, String message) throws Exception {
        Future<?> waiting = runSecondWhileFirstIsOpen(first, then);

        assertThatThrownBy(() -> waiting.get(10, SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining(message);
        assertThat(scene.disorder()).isEmpty();
    }

    @Test
    void neighboursDiscardedAtOnceLeaveNobodyWithoutAFirstOneThatIsTried() throws Exception {
        runSecondWhileFirstIsOpen("SELECT $.discard(1, 'x')", "SELECT $.discard(2, 'y')")
                .get(10, SECONDS);

        assertThat(scene.states()).containsExactly("3 backing_off");
        assertThat(scene.rows("SELECT subject FROM $.audit ORDER BY audit_id")).containsExactly("entry 1", "entry 2");
    }

    @Test
    void actsOnDifferentEntriesBothCount() throws Exception {
        scene.held(9, "b", "dead");

        runSecondWhileFirstIsOpen("SELECT $.requeue(1, 'x')", "SELECT $.requeue(9, 'y')")
                .get(10, SECONDS);

        assertThat(scene.states()).containsExactly("1 backing_off", "2 blocked", "3 blocked", "9 backing_off");
        assertThat(scene.value("SELECT version FROM $.control")).isEqualTo("2");
    }

    private Future<?> runSecondWhileFirstIsOpen(String first, String then) throws SQLException {
        try (Connection connection = scene.installed().dataSource().getConnection()) {
            connection.setAutoCommit(false);
            Psql.run(connection, scene.in(first));
            Future<?> waiting = second.submit(() -> scene.run(then));
            await().atMost(10, SECONDS)
                    .until(() -> !"0"
                            .equals(scene.value("SELECT count(*) FROM pg_stat_activity"
                                    + " WHERE datname = current_database() AND wait_event_type = 'Lock'")));
            connection.commit();
            return waiting;
        }
    }
}
