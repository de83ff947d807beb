package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;

/** The functions of the operator, called as a person calls them: what they do, what they refuse, what they leave on record. */
class OperatorSqlIT {

    private static final String REFUSED = "22023";
    private static final String NOT_THERE = "P0002";

    private OperatorScene scene;

    /** Each act as it succeeds in the scene that {@link #prepare()} leaves. */
    static List<String> acts() {
        return List.of(
                "SELECT $.requeue(1, 'column widened')",
                "SELECT $.requeue_all('copy', 'column widened')",
                "SELECT $.requeue_some('{1}', 'column widened')",
                "SELECT $.discard(1, 'column widened')",
                "SELECT $.discard_some('{1}', 'column widened')",
                "SELECT $.discard_uncarried('copy', 'column widened')",
                "SELECT $.pause_sink('copy', 'column widened')",
                "SELECT $.resume_sink('search', 'column widened')");
    }

    @BeforeEach
    void prepare() throws SQLException {
        scene = new OperatorScene("dualwrite");
        scene.held(1, "a", "dead");
        scene.held(2, "a", "blocked");
        scene.run("UPDATE $.sink SET paused_at = now(), paused_by = 'bob', paused_reason = 'index rebuilt'"
                + " WHERE name = 'search'");
    }

    @Test
    void requeuedEntryGetsAFreshSetOfAttemptsFromNowOnAndItsOldErrorStaysReadable() throws SQLException {
        assertThat(scene.run("SELECT $.requeue(1, 'column widened')")).hasToString("requeue\n1");

        assertThat(scene.run("""
                SELECT version, state, attempts, first_failed_at, next_attempt_at <= now() AS due, unfinished, suspect,
                       error_message
                FROM $.held_entry
                ORDER BY version
                """)).hasToString("""
                version | state | attempts | first_failed_at | due | unfinished | suspect | error_message
                1 | backing_off | 0 |  | t | 0 | f | value too long
                2 | blocked | 0 |  |  | 0 | f |\s""");
    }

    @Test
    void whatStandsBehindARequeuedEntryWaitsForIt() throws SQLException {
        scene.held(3, "a", "dead");
        scene.held(4, "a", "backing_off");
        scene.held(5, "b", "dead");

        scene.run("SELECT $.requeue(1, 'column widened')");

        assertThat(scene.rows("SELECT version, state, attempts FROM $.held_entry ORDER BY version"))
                .containsExactly(
                        "1 | backing_off | 0",
                        "2 | blocked | 0",
                        "3 | blocked | 0",
                        "4 | blocked | 3",
                        "5 | dead | 10");
    }

    @Test
    void requeueAllTakesTheDeadFirstOnesOfThatSinkOnly() throws SQLException {
        scene.held(3, "a", "dead");
        scene.held(4, "b", "dead");
        scene.held(5, "c", "backing_off");
        scene.held("search", 6, "a", "dead");

        assertThat(scene.value("SELECT $.requeue_all('copy', 'column widened')"))
                .isEqualTo("2");

        assertThat(scene.states())
                .containsExactly("1 backing_off", "2 blocked", "3 blocked", "4 backing_off", "5 backing_off", "6 dead");
        assertThat(scene.rows("SELECT action, subject, detail FROM $.audit"))
                .containsExactly("requeue_all | sink copy | {\"requeued\": 2, \"followed_behind\": 1}");
        assertThat(scene.value("SELECT $.requeue_all('copy', 'again')")).isEqualTo("0");
    }

    @Test
    void requeueAllTakesTheOldestFirstOnesUpToItsBound() throws SQLException {
        scene.held(3, "b", "dead");
        scene.held(4, "a", "dead");
        scene.held(5, "c", "dead");

        assertThat(scene.value("SELECT $.requeue_all('copy', 'column widened', 2)"))
                .isEqualTo("2");

        assertThat(scene.states())
                .containsExactly("1 backing_off", "2 blocked", "3 backing_off", "4 blocked", "5 dead");
        assertThat(scene.value("SELECT $.requeue_all('copy', 'column widened', 2)"))
                .isEqualTo("1");
        assertThat(scene.value("SELECT $.requeue_all('copy', 'column widened', 2)"))
                .isEqualTo("0");
        assertThat(scene.disorder()).isEmpty();
    }

    @Test
    void discardedEntryIsKeptAsideMarkedForRepairAndWhatWaitedForItIsDue() throws SQLException {
        scene.held(3, "a", "blocked");

        assertThat(scene.run("SELECT $.discard(1, 'order was a test')")).hasToString("discard\n1");

        assertThat(scene.run("""
                SELECT version, operation, aggregate_type, aggregate_id, attempts, convert_from(payload, 'UTF8') AS payload,
                       error_message, discarded_by, reason, repaired_at
                FROM $.discarded_entry
                """)).hasToString("""
                version | operation | aggregate_type | aggregate_id | attempts | payload | error_message | discarded_by | reason | repaired_at
                1 | U | order | a | 10 | {} | value too long | postgres | order was a test |\s""");
        assertThat(scene.rows(
                        "SELECT version, state, next_attempt_at <= now() AS due FROM $.held_entry ORDER BY version"))
                .containsExactly("2 | backing_off | t", "3 | blocked | ");
    }

    @Test
    void discardOfADeadEntryInTheMiddleLeavesTheFirstOne() throws SQLException {
        scene.held(3, "a", "dead");

        scene.run("SELECT $.discard(3, 'order was a test')");

        assertThat(scene.states()).containsExactly("1 dead", "2 blocked");
    }

    @Test
    void deadOneBehindADiscardedFirstOneStaysDeadIfItIsTheNextAndElseWaits() throws SQLException {
        scene.held(3, "a", "dead");
        scene.held(11, "b", "dead");
        scene.held(12, "b", "dead");
        scene.held(13, "b", "backing_off");

        scene.run("SELECT $.discard(1, 'order was a test')");
        scene.run("SELECT $.discard(11, 'order was a test')");

        assertThat(scene.states()).containsExactly("2 backing_off", "3 blocked", "12 dead", "13 backing_off");
    }

    @Test
    void pausedSinkSaysWhoSinceWhenAndWhyUntilItIsResumed() throws SQLException {
        assertThat(scene.run("SELECT $.pause_sink('copy', '  store moves  ')")).hasToString("pause_sink\ncopy");
        assertThat(scene.rows("SELECT sink, state, reason, paused_by, since <= clock_timestamp() FROM $.sinks"
                        + " WHERE sink = 'copy'"))
                .containsExactly("copy | paused | store moves | postgres | t");

        assertThat(scene.value("SELECT $.resume_sink('copy', 'store moved')")).isEqualTo("copy");
        assertThat(scene.rows("SELECT sink, state, reason, since FROM $.sinks WHERE sink = 'copy'"))
                .containsExactly("copy | running | no living relay carries it | ");
        assertThat(scene.rows("SELECT action, reason, detail->>'paused_reason' FROM $.audit ORDER BY audit_id"))
                .containsExactly("pause_sink | store moves | ", "resume_sink | store moved | store moves");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SELECT $.requeue(NULL, 'x')           | 22023 | entry_id is null, expected one of the view stuck_entries
            SELECT $.requeue(99, 'x')             | P0002 | there is no entry 99 here: it was applied or superseded meanwhile, or never existed
            SELECT $.requeue(2, 'x')              | 22023 | entry 2 is blocked, not dead: it waits for entry 1 of the same aggregate
            SELECT $.requeue(3, 'x')              | 22023 | entry 3 cannot go before entry 1 of the same aggregate
            SELECT $.requeue(4, 'x')              | 22023 | entry 4 is backing_off after 3 attempts, not dead: its next attempt is due at 20
            SELECT $.discard(NULL, 'x')           | 22023 | entry_id is null
            SELECT $.discard(99, 'x')             | P0002 | there is no entry 99 here
            SELECT $.discard(-9223372036854775808, 'x') | P0002 | there is no entry -9223372036854775808 here
            SELECT $.discard(2, 'x')              | 22023 | entry 2 is blocked, not dead
            SELECT $.discard(4, 'x')              | 22023 | entry 4 is backing_off after 3 attempts, not dead
            SELECT $.requeue_some(NULL, 'x')      | 22023 | the entry_ids are null, expected 1 to 10000 of the view stuck_entries
            SELECT $.requeue_some('{}', 'x')      | 22023 | the entry_ids are empty, expected 1 to 10000
            SELECT $.requeue_some('{1,NULL}', 'x')| 22023 | one of the entry_ids is null
            SELECT $.requeue_some('{1,3,1}', 'x') | 22023 | entry 1 is named twice
            SELECT $.requeue_some('{1,99}', 'x')  | P0002 | there is no entry 99 here
            SELECT $.requeue_some('{1,2}', 'x')   | 22023 | entry 2 is blocked, not dead: it waits for entry 1
            SELECT $.requeue_some('{1,4}', 'x')   | 22023 | entry 4 is backing_off after 3 attempts, not dead
            SELECT $.requeue_some('{3}', 'x')     | 22023 | entry 3 cannot go before entry 1 of the same aggregate
            SELECT $.discard_some(NULL, 'x')      | 22023 | the entry_ids are null
            SELECT $.discard_some('{}', 'x')      | 22023 | the entry_ids are empty
            SELECT $.discard_some('{NULL}', 'x')  | 22023 | one of the entry_ids is null
            SELECT $.discard_some('{3,3}', 'x')   | 22023 | entry 3 is named twice
            SELECT $.discard_some('{1,2}', 'x')   | 22023 | entry 2 is blocked, not dead
            SELECT $.discard_some('{4,99}', 'x')  | 22023 | entry 4 is backing_off
            SELECT $.requeue_all('index', 'x')    | P0002 | there is no sink 'index', known: copy, search
            SELECT $.requeue_all(NULL, 'x')       | P0002 | there is no sink null, known: copy, search
            SELECT $.discard_uncarried('index', 'x')       | P0002 | there is no sink 'index', known: copy, search
            SELECT $.requeue_all('copy', 'x', NULL)        | 22023 | at_most is null, expected 1 to 100000
            SELECT $.requeue_all('copy', 'x', 100001)      | 22023 | at_most is 100001, expected 1 to 100000
            SELECT $.pause_sink('copy', ' <Reason> ')      | 22023 | the reason is the placeholder <reason>
            SELECT $.discard_uncarried('copy', 'x', NULL)  | 22023 | at_most is null, expected 1 to 100000
            SELECT $.discard_uncarried('copy', 'x', 0)     | 22023 | at_most is 0, expected 1 to 100000
            SELECT $.discard_uncarried('copy', 'x', 100001)| 22023 | at_most is 100001, expected 1 to 100000
            SELECT $.pause_sink('index', 'x')     | P0002 | there is no sink 'index', known: copy, search
            SELECT $.resume_sink('index', 'x')    | P0002 | there is no sink 'index', known: copy, search
            SELECT $.pause_sink('search', 'x')    | 22023 | by bob: index rebuilt
            SELECT $.resume_sink('copy', 'x')     | 22023 | sink copy is not paused: it never was
            """)
    void nonsenseIsRefusedWithWhatWasSeenAndLeavesNothingBehind(String call, String state, String message)
            throws SQLException {
        scene.held(3, "a", "dead");
        scene.held(4, "b", "backing_off");
        List<String> before = everything();

        refused(call, state, message);

        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void secondTryNamesWhoDidItBefore() throws SQLException {
        scene.run("SELECT $.discard(1, 'order was a test')");
        scene.run("SELECT $.resume_sink('search', 'index is back')");

        refused("SELECT $.requeue(1, 'x')", NOT_THERE, "entry 1 was discarded by postgres at 20");
        refused("SELECT $.discard(1, 'x')", NOT_THERE, "order was a test");
        refused("SELECT $.resume_sink('search', 'x')", REFUSED, "by postgres: index is back");
    }

    @ParameterizedTest
    @MethodSource("acts")
    void reasonThatIsAbsentOrBlankIsRefused(String act) throws SQLException {
        List<String> before = everything();

        refused(act.replace("'column widened'", "NULL"), REFUSED, "the reason is null, expected a few words");
        refused(
                act.replace("'column widened'", "E' \\t\\n\\u0001'"),
                REFUSED,
                "the reason is blank, expected a few words");

        assertThat(everything()).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("acts")
    void reasonGoesOnRecordAsOneLineThatDrivesNoTerminal(String act) throws SQLException {
        scene.run(act.replace(
                "'column widened'", "E'\\u001b[2Jcolumn\\r\\n\\twidened\\u0085\\u009b31m\\u2028\\u202etxt.é\\u007f'"));

        assertThat(scene.value("SELECT reason FROM $.audit")).isEqualTo("[2Jcolumn widened 31m txt.é");
    }

    @Test
    void reasonThatASinkIsPausedForAndTheNameOfAPersonAreOneLineToo() throws SQLException {
        try (Connection connection = scene.installed().dataSource().getConnection()) {
            Psql.run(connection, "SET dualwrite.actor = E'alice\\npostgres'");
            Psql.run(connection, "SELECT dualwrite.pause_sink('copy', E'store\\nmoves')");
        }

        assertThat(scene.rows("SELECT paused_by, paused_reason FROM $.sink WHERE name = 'copy'"))
                .containsExactly("alice postgres via postgres | store moves");
    }

    @ParameterizedTest
    @MethodSource("acts")
    void reasonIsCutToTwoThousandCharacters(String act) throws SQLException {
        scene.run(act.replace("'column widened'", "repeat('é', 3000)"));

        assertThat(scene.value("SELECT length(reason) FROM $.audit")).isEqualTo("2000");
    }

    @ParameterizedTest
    @MethodSource("acts")
    void everyActIsOneRowOnRecordAndRaisesTheVersionOnce(String act) throws SQLException {
        scene.run(act);

        assertThat(scene.rows("SELECT actor, reason, at <= clock_timestamp() AND at > now() - interval '1 minute'"
                        + " FROM $.audit"))
                .containsExactly("postgres | column widened | t");
        assertThat(scene.value("SELECT version FROM $.control")).isEqualTo("1");
    }

    @ParameterizedTest
    @MethodSource("acts")
    void everyActNotifiesWhoListensToItsSchema(String act) throws SQLException {
        try (Connection listener = scene.installed().dataSource().getConnection()) {
            Psql.run(listener, "LISTEN dualwrite_dualwrite");

            scene.run(act);

            assertThat(listener.unwrap(PGConnection.class).getNotifications(10_000))
                    .extracting(n -> n.getName() + n.getParameter())
                    .containsExactly("dualwrite_dualwrite");
        }
    }

    @Test
    void recordOfARequeueTellsWhatItMet() throws SQLException {
        scene.run("SELECT $.requeue(1, 'column widened')");

        assertThat(scene.rows("SELECT action, subject, detail FROM $.audit"))
                .containsExactly("requeue | entry 1 | {\"sink\": \"copy\", \"attempts\": 10, \"error_class\":"
                        + " \"java.sql.SQLException\", \"aggregate_id\": \"a\", \"error_message\": \"value too long\","
                        + " \"aggregate_type\": \"order\"}");
    }

    @Test
    void personWhomAnApplicationActsForIsNamedBeforeTheUser() throws SQLException {
        try (Connection connection = scene.installed().dataSource().getConnection()) {
            Psql.run(connection, "SET dualwrite.actor = 'alice'");
            Psql.run(connection, "SELECT dualwrite.pause_sink('copy', 'store moves')");
            Psql.run(connection, "SET dualwrite.actor = ' '");
            Psql.run(connection, "SELECT dualwrite.resume_sink('copy', 'store moved')");
        }

        assertThat(scene.rows("SELECT actor FROM $.audit ORDER BY audit_id"))
                .containsExactly("alice via postgres", "postgres");
        assertThat(scene.value("SELECT detail->>'paused_by' FROM $.audit WHERE action = 'resume_sink'"))
                .isEqualTo("alice via postgres");
    }

    @Test
    void functionsLookNowhereElseForTheirNames() throws SQLException {
        try (Connection connection = scene.installed().dataSource().getConnection()) {
            Psql.run(
                    connection,
                    "CREATE FUNCTION public.regexp_replace(text, text, text, text) RETURNS text LANGUAGE sql"
                            + " AS 'SELECT NULL::text'");
            Psql.run(connection, "SET dualwrite.actor = 'alice'");
            Psql.run(connection, "SET search_path = public, pg_catalog");

            Psql.run(connection, "SELECT dualwrite.requeue(1, 'column widened')");
        }

        assertThat(scene.rows("SELECT actor, reason FROM $.audit"))
                .containsExactly("alice via postgres | column widened");
        assertThat(scene.rows("""
                SELECT p.proname
                FROM pg_proc p
                WHERE p.pronamespace = 'dualwrite'::regnamespace
                  AND 'search_path=pg_catalog, pg_temp' <> ALL (coalesce(p.proconfig, '{}'))
                """)).isEmpty();
    }

    private void refused(String call, String state, String message) {
        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run(call))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo(state));
    }

    /** All that an act could change. */
    private List<String> everything() throws SQLException {
        return scene.rows("""
                SELECT 'held ' || h FROM $.held_entry h
                UNION ALL SELECT 'sink ' || s FROM $.sink s
                UNION ALL SELECT 'audit ' || a FROM $.audit a
                UNION ALL SELECT 'discarded ' || d FROM $.discarded_entry d
                UNION ALL SELECT 'version ' || c.version FROM $.control c
                ORDER BY 1
                """);
    }
}
