package dev.dualwrite.outbox.jdbc;

import static dev.dualwrite.outbox.jdbc.OperatorScene.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The view stuck_entries: which entries do not get on, and in words what keeps each of them. */
class StuckEntriesIT {

    private static final UUID OTHER = UUID.fromString("99999999-2222-3333-4444-555555555555");
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\+05:45";

    private OperatorScene scene;

    @BeforeEach
    void install() throws SQLException {
        scene = new OperatorScene("dualwrite");
    }

    @Test
    void heldEntriesAreShownWithTheirErrorAndTheFirstOneOfTheirAggregate() throws SQLException {
        scene.held(11, "a", "dead");
        scene.held(12, "a", "blocked");
        scene.held(13, "b", "backing_off");
        scene.held("search", 14, "b", "blocked");
        scene.held("search", 10, "b", "backing_off");

        assertThat(scene.run("""
                SELECT entry_id, sink, aggregate_type, aggregate_id, state, attempts, error_class, error_message,
                       blocked_by
                FROM $.stuck_entries
                ORDER BY entry_id
                """)).hasToString("""
                entry_id | sink | aggregate_type | aggregate_id | state | attempts | error_class | error_message | blocked_by
                10 | search | order | b | overdue | 3 | java.sql.SQLException | value too long |\s
                11 | copy | order | a | dead | 10 | java.sql.SQLException | value too long |\s
                12 | copy | order | a | blocked | 0 |  |  | 11
                13 | copy | order | b | overdue | 3 | java.sql.SQLException | value too long |\s
                14 | search | order | b | blocked | 0 |  |  | 10""");
        assertThat(scene.rows("""
                SELECT first_failed_at < now(), next_attempt_at > now(), age BETWEEN '9 minutes' AND '11 minutes'
                FROM $.stuck_entries
                WHERE entry_id = 13
                """)).containsExactly("t | t | t");
    }

    @Test
    void hotEntryIsOverdueOnceItIsOlderThanStuckAfter() throws SQLException {
        scene.hot("copy", "young", "50 s");
        scene.hot("copy", "old", "70 s");
        String overdue = "SELECT aggregate_id, entry_id, state, attempts FROM $.stuck_entries ORDER BY 1";

        assertThat(scene.rows(overdue)).containsExactly("old | 2 | overdue | 0");

        scene.run("UPDATE $.control SET stuck_after = interval '10 s', epoch = 1");
        assertThat(scene.rows(overdue))
                .containsExactly("old | 281474976710658 | overdue | 0", "young | 281474976710657 | overdue | 0");
    }

    @Test
    void reasonIsTheMostSpecificOneThatHolds() throws SQLException {
        scene.hot("copy", "a", "10 minutes");
        String shard = scene.value("SELECT $.shard_of('order', 'a', 16)");

        assertThat(reason()).isEqualTo("no living relay carries its sink; see the view relays");

        scene.relay(RELAY, "pod-1:7", "copy");
        assertThat(reason()).isEqualTo("no living relay holds its lane copy/" + shard + "; see the view shards");

        scene.lease(RELAY, "copy");
        assertThat(reason())
                .isEqualTo(
                        "its lane is being worked by relay " + RELAY + " on pod-1:7; see the views backlog and shards");

        scene.run("UPDATE $.relay_sink SET tripped_at = now(), tripped_reason = 'connection refused'");
        assertThat(reason())
                .matches("the breaker of its sink is open at relay " + RELAY + " on pod-1:7 since " + TIME
                        + ": connection refused");

        scene.run("UPDATE $.relay SET heartbeat_at = now() - interval '31 s'");
        assertThat(reason()).isEqualTo("no living relay carries its sink; see the view relays");

        scene.run("SELECT $.pause_sink('copy', 'store moves')");
        assertThat(reason()).matches("its sink is paused by postgres since " + TIME + ": store moves");
    }

    @Test
    void relayThatCarriesAnotherSinkOnlyDoesNotCount() throws SQLException {
        scene.hot("copy", "a", "10 minutes");
        scene.relay(RELAY, "pod-1:7", "search");

        assertThat(reason()).startsWith("no living relay carries its sink");
    }

    @Test
    void breakerOfARelayThatDoesNotHoldTheLaneIsNotTheReason() throws SQLException {
        scene.hot("copy", "a", "10 minutes");
        scene.relay(RELAY, "pod-1:7", "copy");
        scene.relay(OTHER, "pod-2:7", "copy");
        scene.run("UPDATE $.relay_sink SET tripped_at = now(), tripped_reason = 'refused' WHERE relay_id = '" + OTHER
                + "'");
        assertThat(reason()).startsWith("the breaker of its sink is open at relay " + OTHER + " on pod-2:7");

        scene.lease(RELAY, "copy");

        assertThat(reason()).startsWith("its lane is being worked by relay " + RELAY);
    }

    @Test
    void leaseThatHasRunOutIsNone() throws SQLException {
        scene.hot("copy", "a", "10 minutes");
        scene.relay(RELAY, "pod-1:7", "copy");
        scene.lease(RELAY, "copy");

        scene.run("UPDATE $.shedlock SET lock_until = timezone('utc', now()) - interval '1 s'");

        assertThat(reason()).startsWith("no living relay holds its lane");
    }

    @Test
    void entryThatBacksOffAndIsNotTriedInTimeSaysWhatKeepsIt() throws SQLException {
        scene.held(1, "a", "backing_off");
        scene.held(2, "b", "backing_off");
        scene.held(3, "c", "dead");
        scene.run("UPDATE $.held_entry SET next_attempt_at = now() - interval '2 minutes' WHERE version = 1");
        scene.run("UPDATE $.held_entry SET next_attempt_at = now() - interval '30 s' WHERE version = 2");
        String message = "SELECT error_message FROM $.stuck_entries ORDER BY entry_id";

        List<String> uncarried = scene.rows(message);
        scene.run("SELECT $.pause_sink('copy', 'store moves')");
        List<String> paused = scene.rows(message);

        assertThat(uncarried.get(0))
                .matches("value too long; due since " + TIME + ", but no living relay carries its sink;.*");
        assertThat(paused.get(0))
                .matches("value too long; due since " + TIME + ", but its sink is paused by postgres since " + TIME
                        + ": store moves");
        assertThat(paused.subList(1, 3))
                .isEqualTo(uncarried.subList(1, 3))
                .containsExactly("value too long", "value too long");
    }

    @Test
    void entryWrittenByHandWithoutALaneIsNotHidden() throws SQLException {
        scene.hot("copy", "a", "10 minutes");
        scene.run("UPDATE $.outbox_entry SET shard = 99");
        assertThat(reason()).isEqualTo("it has no lane: its sink or its shard is unknown here");

        scene.run("UPDATE $.outbox_entry SET sink_id = 77");

        assertThat(scene.rows("SELECT sink, error_message FROM $.stuck_entries"))
                .containsExactly("#77 | it has no lane: its sink or its shard is unknown here");
    }

    @Test
    void reasonIsFoundOnceALaneAndOfTheHotOnesTheFirstOfEachAreShown() throws SQLException {
        scene.relay(RELAY, "pod-1:7", "copy");
        scene.lease(RELAY, "copy");
        scene.run("""
                INSERT INTO $.outbox_entry
                       (appended_at, sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload)
                SELECT now() - interval '5 minutes', 1 + n % 2, n % 16, 1, 'U', 'order', n, '\\x7b7d'
                FROM generate_series(1, 100000) AS n
                """);
        scene.run("""
                INSERT INTO $.held_entry
                       (version, appended_at, next_attempt_at, attempts, sink_id, shard, schema_version, operation, state,
                        aggregate_type, aggregate_id, payload)
                SELECT 1000000 + n, now(), CASE WHEN n <= 2000 THEN now() END, 1, 1, n % 16, 1, 'U',
                       CASE WHEN n <= 2000 THEN 'backing_off' ELSE 'blocked' END, 'order', n % 2000, '\\x7b7d'
                FROM generate_series(1, 20000) AS n
                """);
        // Both as a fresh installation plans it, without statistics, and with them.
        for (String statistics : List.of("SELECT 1", "ANALYZE")) {
            scene.run(statistics);
            try (Connection connection = scene.installed().dataSource().getConnection()) {
                Psql.run(connection, "SET statement_timeout = '10s'");
                String plan = Psql.run(connection, "EXPLAIN SELECT * FROM dualwrite.stuck_entries")
                        .toString();
                assertThat(Psql.run(
                                        connection,
                                        "SELECT count(error_message), count(DISTINCT error_message),"
                                                + " count(blocked_by) FROM dualwrite.stuck_entries")
                                .rows())
                        .as(plan)
                        // of the hot ones 625 of each of sixteen lanes that have any
                        .containsExactly(List.of("10000", "2", "18000"));
                assertThat(plan).contains("CTE lane_reason", "held_entry_by_aggregate");
                assertThat(Psql.run(
                                        connection,
                                        "SELECT count(*) FROM (SELECT 1 FROM dualwrite.backlog, dualwrite.shards) v")
                                .rows())
                        .containsExactly(List.of("64"));
            }
        }
    }

    @Test
    void nextStepIsTheVeryCallToMakeOrNone() throws SQLException {
        scene.relay(RELAY, "pod-1:7", "copy");
        scene.lease(RELAY, "copy");
        scene.held(11, "a", "dead");
        scene.held(12, "a", "blocked");
        scene.held(13, "a", "dead");
        scene.held(21, "b", "backing_off");
        scene.held(22, "b", "blocked");
        scene.held("search", 31, "c", "backing_off");
        scene.hot("copy", "d", "2 minutes");

        List<String> steps = scene.rows("SELECT next_step FROM $.stuck_entries WHERE entry_id > 10 ORDER BY entry_id");

        assertThat(steps.subList(0, 3))
                .containsExactly(
                        "once the cause is gone: SELECT dualwrite.requeue(11, '<reason>');"
                                + " to give it up: SELECT dualwrite.discard(11, '<reason>')",
                        "cure entry 11: requeue or discard it, then this one follows by itself",
                        "cure entry 11, the first one of its aggregate, then this one follows;"
                                + " to give it up: SELECT dualwrite.discard(13, '<reason>')");
        assertThat(steps.get(3)).matches("none: it is tried again at " + TIME);
        assertThat(steps.get(4)).matches("none: it follows entry 21, which is tried again at " + TIME);
        assertThat(steps.get(5))
                .isEqualTo("start a relay that has sink search in its configuration; if none ever will, see the section"
                        + " \"A sink that no relay carries\" of the how-to on stuck entries");
        assertThat(nextStep(1)).startsWith("none: it is tried when its turn comes");

        scene.run("UPDATE $.relay_sink SET tripped_at = now(), tripped_reason = 'refused'");
        assertThat(nextStep(1)).startsWith("none here: it goes on by itself once the secondary store answers");
        assertThat(nextStep(21)).isEqualTo(nextStep(1));
        scene.run("UPDATE $.shedlock SET lock_until = timezone('utc', now()) - interval '1 s'");
        scene.run("UPDATE $.relay_sink SET tripped_at = NULL, tripped_reason = NULL");
        assertThat(nextStep(1)).startsWith("none: a living relay takes the lane");
        scene.run("SELECT $.pause_sink('copy', 'store moves')");
        assertThat(nextStep(1))
                .isEqualTo("once whoever paused it agrees: SELECT dualwrite.resume_sink('copy', '<reason>')");
    }

    @Test
    void blockedOneTellsWhatKeepsTheLaneUnlessItsFirstOneIsDead() throws SQLException {
        scene.held(11, "a", "dead");
        scene.held(12, "a", "blocked");
        scene.held(21, "b", "backing_off");
        scene.held(22, "b", "blocked");
        scene.run("UPDATE $.held_entry SET next_attempt_at = now() - interval '3 days' WHERE version = 21");

        assertThat(nextStep(22)).isEqualTo(nextStep(21)).startsWith("start a relay that has sink copy");
        scene.relay(RELAY, "pod-1:7", "copy");
        assertThat(nextStep(22)).isEqualTo(nextStep(21)).startsWith("none: a living relay takes the lane");
        scene.lease(RELAY, "copy");
        assertThat(nextStep(22)).matches("none: it follows entry 21, which is tried again at " + TIME);
        scene.run("UPDATE $.relay_sink SET tripped_at = now(), tripped_reason = 'refused'");
        assertThat(nextStep(22)).isEqualTo(nextStep(21)).startsWith("none here: it goes on by itself once");
        scene.run("SELECT $.pause_sink('copy', 'store moves')");
        assertThat(nextStep(22)).isEqualTo(nextStep(21)).startsWith("once whoever paused it agrees");

        assertThat(nextStep(12)).startsWith("cure entry 11");
    }

    @Test
    void noNextStepOffersACallThatGivesUpMoreThanTheEntry() throws SQLException {
        scene.held(21, "a", "backing_off");
        scene.held(22, "a", "blocked");
        scene.hot("copy", "b", "10 minutes");

        assertThat(scene.rows("SELECT next_step FROM $.stuck_entries"))
                .hasSize(3)
                .noneMatch(step -> step.contains("discard_uncarried"));
    }

    @Test
    void callsOfTheNextStepsAreUnderstoodOnceTheyHaveAReason() throws SQLException {
        scene.held(11, "a", "dead");
        scene.held(21, "b", "dead");
        scene.run("SELECT $.pause_sink('search', 'store moves')");
        scene.held("search", 31, "c", "backing_off");

        List<String> calls =
                scene.rows("SELECT (regexp_matches(next_step, 'SELECT [^;]*', 'g'))[1] FROM $.stuck_entries"
                        + " WHERE entry_id IN (11, 31) ORDER BY 1 DESC");
        assertThat(calls).hasSize(3);
        for (String call : calls) {
            assertThatThrownBy(() -> scene.run(call))
                    .hasMessageContaining("the reason is the placeholder <reason>, expected a few words")
                    .hasMessageContaining("Put your own words in its place.");
            if (!call.contains("discard")) {
                scene.run(call.replace("<reason>", "cured"));
            }
        }
        scene.run(nextStep(21).replaceAll(".*give it up: ", "").replace("<reason>", "cured"));

        assertThat(scene.rows("SELECT action FROM $.audit WHERE reason = 'cured' ORDER BY 1"))
                .containsExactly("discard", "requeue", "resume_sink");
    }

    @Test
    void heldEntryWithoutALaneIsNotHidden() throws SQLException {
        scene.held(11, "a", "dead");
        scene.run("UPDATE $.held_entry SET sink_id = 77");

        assertThat(scene.rows("SELECT sink, state, error_message FROM $.stuck_entries"))
                .containsExactly("#77 | dead | value too long; it has no lane: its sink or its shard is unknown here");
    }

    @Test
    void oldestOnesAreListedPageByPageInTheOrderOfTheirIds() throws SQLException {
        scene.hot("copy", "z", "20 minutes");
        for (int id = 11; id <= 15; id++) {
            scene.held(id, "a" + id, id % 2 == 0 ? "dead" : "backing_off");
        }
        scene.held("search", 16, "a", "dead");

        assertThat(scene.rows("SELECT entry_id FROM $.oldest_stuck('copy', NULL, 4)"))
                .containsExactly("1", "11", "12", "13");
        assertThat(scene.rows("SELECT entry_id FROM $.oldest_stuck('copy', NULL, 4, 13)"))
                .containsExactly("14", "15");
        assertThat(scene.rows("SELECT entry_id FROM $.oldest_stuck('copy', 'overdue')"))
                .containsExactly("1", "11", "13", "15");
        assertThat(scene.rows("SELECT entry_id FROM $.oldest_stuck(in_state => 'dead')"))
                .containsExactly("12", "14", "16");
    }

    @Test
    void pagesHaveEveryOverdueEntryOfEveryLaneInOrderAndOnce() throws SQLException {
        scene.run("""
                INSERT INTO $.outbox_entry
                       (appended_at, sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload)
                SELECT now() - interval '5 minutes', s.sink_id, CASE WHEN n % 4 = 0 THEN 7 ELSE 3 END, 1, 'U', 'order', n,
                       '\\x7b7d'
                FROM $.sink s, generate_series(1, 40) AS n
                WHERE s.name = 'copy'
                """);
        List<String> expected = scene.rows("SELECT entry_id FROM $.stuck_entries ORDER BY entry_id");
        assertThat(expected).hasSize(40);

        List<String> seen = new ArrayList<>();
        List<String> page = scene.rows("SELECT entry_id FROM $.oldest_stuck('copy', 'overdue', 10)");
        while (!page.isEmpty() && seen.size() < 100) {
            seen.addAll(page);
            page = scene.rows(
                    "SELECT entry_id FROM $.oldest_stuck('copy', 'overdue', 10, " + seen.get(seen.size() - 1) + ")");
        }

        assertThat(seen).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            'index', 'dead', 1    | there is no sink 'index', known: copy, search
            'copy', 'Dead', 1     | the state is 'Dead', expected dead, blocked or overdue
            'copy', 'dead', 0     | at_most is 0, expected 1 to 10000
            'copy', 'dead', NULL  | at_most is null, expected 1 to 10000
            """)
    void listOfNonsenseIsRefused(String arguments, String message) {
        assertThatThrownBy(() -> scene.run("SELECT * FROM $.oldest_stuck(" + arguments + ")"))
                .hasMessageContaining(message);
    }

    private String nextStep(long entryId) throws SQLException {
        return scene.value("SELECT next_step FROM $.stuck_entries WHERE entry_id = " + entryId);
    }

    private String reason() throws SQLException {
        return scene.value("SELECT error_message FROM $.stuck_entries");
    }
}
