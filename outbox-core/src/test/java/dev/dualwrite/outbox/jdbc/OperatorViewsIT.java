package dev.dualwrite.outbox.jdbc;

import static dev.dualwrite.outbox.jdbc.OperatorScene.RELAY;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The views backlog, shards, relays, sinks and audit, as a person reads them. */
class OperatorViewsIT {

    private static final UUID OTHER = UUID.fromString("99999999-2222-3333-4444-555555555555");

    private OperatorScene scene;

    @BeforeEach
    void install() throws SQLException {
        scene = new OperatorScene("dualwrite");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            stuck_entries | entry_id, sink, aggregate_type, aggregate_id, state, attempts, first_failed_at, next_attempt_at, error_class, error_message, age, blocked_by, next_step, appended_at
            backlog       | sink, entries, estimated, oldest_appended_at, lag_seconds, blocked, dead, backing_off, oldest_dead_appended_at, hot_lag_seconds
            shards        | sink, shard, holder, fencing_token, leased_until, lag_seconds, floor, unclean_takeovers
            relays        | relay, host, started_at, heartbeat_at, alive, sinks, shards_held, fair_share
            sinks         | sink, state, reason, since, relays, tripped_relays, paused_by
            audit         | at, actor, action, subject, reason, detail, audit_id
            """)
    void viewHasTheColumnsThatScriptsHoldOnTo(String view, String columns) throws SQLException {
        assertThat(String.join(", ", scene.run("SELECT * FROM $." + view).columns()))
                .isEqualTo(columns);
    }

    @Test
    void emptyOutboxIsNotBehind() throws SQLException {
        assertThat(scene.run("SELECT * FROM $.backlog ORDER BY sink")).hasToString("""
                sink | entries | estimated | oldest_appended_at | lag_seconds | blocked | dead | backing_off | oldest_dead_appended_at | hot_lag_seconds
                copy | 0 | f |  | 0.000 | 0 | 0 | 0 |  | 0.000
                search | 0 | f |  | 0.000 | 0 | 0 | 0 |  | 0.000""");
    }

    @Test
    void lagIsTheAgeOfTheOldestEntryThatDoesNotWaitForAPerson() throws SQLException {
        scene.held(1, "a", "dead");
        scene.held(2, "a", "blocked");
        String backlog = """
                SELECT entries, round(lag_seconds, -1), blocked, dead, backing_off, round(extract(epoch FROM now() - oldest_appended_at), -1) AS oldest,
                       round(extract(epoch FROM now() - oldest_dead_appended_at), -1) AS oldest_dead
                FROM $.backlog
                WHERE sink = 'copy'
                """;
        assertThat(scene.rows(backlog)).containsExactly("2 | 0 | 1 | 1 | 0 |  | 600");

        scene.hot("copy", "x", "20 s");
        assertThat(scene.rows(backlog)).containsExactly("3 | 20 | 1 | 1 | 0 | 20 | 600");

        scene.held(3, "b", "backing_off");
        scene.run("UPDATE $.held_entry SET appended_at = now() - interval '40 s' WHERE version = 3");
        assertThat(scene.rows("SELECT round(lag_seconds, -1), backing_off FROM $.backlog WHERE sink = 'copy'"))
                .containsExactly("40 | 1");

        scene.held(4, "b", "blocked");
        scene.run("UPDATE $.held_entry SET appended_at = now() - interval '90 s' WHERE version = 3");
        scene.run("UPDATE $.held_entry SET appended_at = now() - interval '80 s' WHERE version = 4");
        assertThat(scene.rows("SELECT round(lag_seconds, -1) FROM $.backlog WHERE sink = 'copy'"))
                .containsExactly("90");
        assertThat(scene.rows("SELECT entries, lag_seconds FROM $.backlog WHERE sink = 'search'"))
                .containsExactly("0 | 0.000");
    }

    @Test
    void hotLagIsTheAgeOfTheOldestEntryThatWasNotTriedYet() throws SQLException {
        scene.held(1, "a", "backing_off");
        scene.held(2, "a", "blocked");
        scene.held(3, "b", "dead");
        String lags = "SELECT round(lag_seconds, -1), round(hot_lag_seconds, -1) FROM $.backlog WHERE sink = 'copy'";
        assertThat(scene.rows(lags)).containsExactly("600 | 0");

        scene.hot("copy", "x", "20 s");
        scene.hot("copy", "y", "40 s");
        scene.hot("search", "y", "60 s");

        assertThat(scene.rows(lags)).containsExactly("600 | 40");
        assertThat(scene.rows("SELECT round(hot_lag_seconds, -1) FROM $.backlog WHERE sink = 'search'"))
                .containsExactly("60");
    }

    @Test
    void backlogIsCountedUpToAHundredThousand() throws SQLException {
        scene.run(fill("1 + n % 2", "n / 2 % 16", 200_000));

        assertThat(scene.rows(
                        "SELECT entries, estimated, lag_seconds BETWEEN 300 AND 360 FROM $.backlog ORDER BY sink"))
                .containsExactly("100000 | f | t", "100000 | f | t");
    }

    @Test
    void largerBacklogIsEstimatedForEachSinkFromItsOwnLanesOnly() throws SQLException {
        // The sink search: nothing in the first half, then every second entry, in two lanes of unlike load.
        scene.run(fill("1", "n % 16", 200_000));
        scene.run(fill("1 + n % 2", "CASE WHEN n % 16 = 1 THEN 3 ELSE 5 END", 300_000));
        scene.run("DELETE FROM $.outbox_entry WHERE sink_id = 1 AND sequence % 10 = 7");

        assertThat(scene.rows("SELECT count(*) FROM $.outbox_entry GROUP BY sink_id ORDER BY sink_id"))
                .containsExactly("330000", "150000");
        assertThat(scene.rows("SELECT estimated FROM $.backlog")).containsExactly("t", "t");
        List<String> entries = scene.rows("SELECT entries FROM $.backlog ORDER BY sink");
        assertThat(Long.parseLong(entries.get(0))).isBetween(300_000L, 360_000L);
        assertThat(Long.parseLong(entries.get(1))).isBetween(135_000L, 165_000L);
    }

    /** Entries of the last five minutes, their sink and shard by a formula over n. */
    private static String fill(String sink, String shard, int entries) {
        return """
                INSERT INTO $.outbox_entry
                       (appended_at, sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload)
                SELECT now() - interval '300 s' + n * interval '1 ms', %s, %s, 1, 'U', 'order', n, '\\x7b7d'
                FROM generate_series(1, %d) AS n
                """.formatted(sink, shard, entries);
    }

    @Test
    void laneShowsItsLivingHolderAndHowFarBehindItIs() throws SQLException {
        scene.lease(RELAY, "copy");
        scene.run("UPDATE $.lane SET fencing_token = 7, floor = 1, unclean_takeovers = 2 WHERE sink_id = 1");
        scene.hot("copy", "a", "5 minutes");
        scene.hot("copy", "a", "2 minutes");
        scene.hot("copy", "a", "1 minute");
        String lane = """
                SELECT sink, holder, fencing_token, leased_until > now() AS leased, round(lag_seconds, -1) AS lag, floor,
                       unclean_takeovers
                FROM $.shards
                WHERE sink = 'copy' AND shard = $.shard_of('order', 'a', 16)
                """;

        assertThat(scene.rows("SELECT sink, count(DISTINCT shard), count(*) FROM $.shards GROUP BY sink ORDER BY sink"))
                .containsExactly("copy | 16 | 16", "search | 16 | 16");
        assertThat(scene.rows(lane)).containsExactly("copy | " + RELAY + " | 7 | t | 120 | 1 | 2");
        assertThat(scene.rows("SELECT DISTINCT holder, leased_until, lag_seconds FROM $.shards WHERE sink = 'search'"))
                .containsExactly(" |  | 0.000");

        scene.run("UPDATE $.shedlock SET lock_until = timezone('utc', now()) - interval '1 s'");
        assertThat(scene.rows(lane)).containsExactly("copy |  | 7 |  | 120 | 1 | 2");
    }

    @Test
    void floorFromBeforeARestoreHidesNoEntry() throws SQLException {
        scene.hot("copy", "a", "5 minutes");
        scene.run("UPDATE $.lane SET floor = 1000");

        assertThat(scene.rows("SELECT round(max(lag_seconds), -1) FROM $.shards"))
                .containsExactly("300");
        assertThat(scene.rows("SELECT round(max(lag_seconds), -1) FROM $.backlog"))
                .containsExactly("300");
    }

    @Test
    void lockThatNoRelayTookHidesNoLane() throws SQLException {
        scene.run("INSERT INTO $.shedlock VALUES ('copy/0', timezone('utc', now()) + interval '1 minute',"
                + " timezone('utc', now()), 'some-host')");

        assertThat(scene.rows("SELECT holder, leased_until > now() FROM $.shards WHERE sink = 'copy' AND shard = 0"))
                .containsExactly(" | t");
    }

    @Test
    void relayShowsWhetherItLivesWhatItCarriesAndHolds() throws SQLException {
        scene.relay(RELAY, "pod-1:7", "search", "copy");
        scene.relay(OTHER, "pod-2:7");
        scene.lease(RELAY, "copy");
        scene.run("UPDATE $.relay SET heartbeat_at = now() - interval '31 s' WHERE relay_id = '" + OTHER + "'");

        assertThat(scene.run("SELECT relay, host, alive, sinks, shards_held, fair_share FROM $.relays ORDER BY host"))
                .hasToString("""
                relay | host | alive | sinks | shards_held | fair_share
                11111111-2222-3333-4444-555555555555 | pod-1:7 | t | {copy,search} | 16 | 8
                99999999-2222-3333-4444-555555555555 | pod-2:7 | f | {} | 0 | 8""");
    }

    @Test
    void sinkIsTrippedOnlyWhereALivingRelaySaysSoAndPausedWins() throws SQLException {
        String sink = "SELECT state, reason, since <= clock_timestamp() AS since, relays, tripped_relays, paused_by"
                + " FROM $.sinks WHERE sink = 'copy'";
        assertThat(scene.rows(sink)).containsExactly("running | no living relay carries it |  | 0 | 0 | ");

        scene.relay(RELAY, "pod-1:7", "copy");
        scene.relay(OTHER, "pod-2:7", "copy");
        scene.run(
                "UPDATE $.relay_sink SET tripped_at = now() - interval '1 hour', tripped_reason = 'refused' WHERE relay_id = '"
                        + RELAY + "'");
        assertThat(scene.rows(sink)).containsExactly("tripped | refused | t | 2 | 1 | ");
        scene.run("UPDATE $.relay_sink SET tripped_at = now(), tripped_reason = 'timeout' WHERE relay_id = '" + OTHER
                + "'");
        assertThat(scene.rows(sink)).containsExactly("tripped | refused | t | 2 | 2 | ");

        scene.run("SELECT $.pause_sink('copy', 'store moves')");
        assertThat(scene.rows(sink)).containsExactly("paused | store moves | t | 2 | 2 | postgres");

        scene.run("SELECT $.resume_sink('copy', 'store moved')");
        scene.run("UPDATE $.relay SET heartbeat_at = now() - interval '31 s'");
        assertThat(scene.rows(sink)).containsExactly("running | no living relay carries it |  | 0 | 0 | ");
    }

    @Test
    void recordIsReadAsAWhole() throws SQLException {
        scene.run("SELECT $.pause_sink('copy', 'store moves')");
        scene.run("SELECT $.resume_sink('copy', 'store moved')");

        List<String> record =
                scene.rows("SELECT actor, action, subject, reason, detail FROM $.audit ORDER BY audit_id LIMIT 1");

        assertThat(record).containsExactly("postgres | pause_sink | sink copy | store moves | {}");
    }
}
