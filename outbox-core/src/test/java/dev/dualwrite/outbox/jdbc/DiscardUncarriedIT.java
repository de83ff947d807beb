package dev.dualwrite.outbox.jdbc;

import static dev.dualwrite.outbox.jdbc.OperatorScene.RELAY;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.jdbc.ClaimStore.Request;
import dev.dualwrite.outbox.jdbc.ClaimStore.Settlement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of the entries of a sink that is gone for good, whoever comes or wakes up at the same time. */
class DiscardUncarriedIT {

    private static final String DISCARD = "SELECT $.discard_uncarried('copy', 'store is gone')";
    private static final String DISCARD_ONE = "SELECT $.discard_uncarried('copy', 'store is gone', 1)";

    private final ExecutorService second = Executors.newSingleThreadExecutor();
    private OperatorScene scene;
    private Lane lane;

    @BeforeEach
    void install() throws SQLException {
        scene = new OperatorScene("dualwrite");
        scene.hot("copy", "a", "20 s");
        scene.hot("copy", "a", "10 s");
        int shard = Integer.parseInt(scene.value("SELECT $.shard_of('order', 'a', 16)"));
        lane = new Lane((short) 1, shard, "copy/" + shard);
    }

    @AfterEach
    void stop() {
        second.shutdownNow();
    }

    @Test
    void everyEntryOfTheSinkIsKeptAsideAndThoseOfOtherSinksStay() throws SQLException {
        scene.run("UPDATE $.control SET epoch = 1");
        scene.held(11, "b", "dead");
        scene.held(12, "b", "blocked");
        scene.held("search", 13, "b", "dead");
        scene.hot("search", "a", "10 s");

        assertThat(scene.run(DISCARD)).hasToString("discard_uncarried\n4");

        assertThat(scene.rows("""
                SELECT version, aggregate_id, attempts, convert_from(payload, 'UTF8'), held_at IS NULL, error_message,
                       discarded_by, reason, repaired_at
                FROM $.discarded_entry
                ORDER BY version
                """))
                .containsExactly(
                        "11 | b | 10 | {} | f | value too long | postgres | store is gone | ",
                        "12 | b | 0 | {} | f |  | postgres | store is gone | ",
                        "281474976710657 | a | 0 | {} | t |  | postgres | store is gone | ",
                        "281474976710658 | a | 0 | {} | t |  | postgres | store is gone | ");
        assertThat(scene.states()).containsExactly("13 dead");
        assertThat(scene.rows("SELECT sink_id FROM $.outbox_entry")).containsExactly("2");
        assertThat(scene.rows("SELECT action, subject, reason, detail FROM $.audit"))
                .containsExactly("discard_uncarried | sink copy | store is gone | {\"hot\": 2, \"held\": 2}");
        assertThat(scene.value(DISCARD)).isEqualTo("0");
    }

    @Test
    void oldestGoFirstUpToTheBoundAndWhatIsLeftCanGetOn() throws SQLException {
        scene.held(11, "b", "dead");
        scene.held(12, "b", "blocked");
        scene.held(13, "b", "blocked");

        assertThat(scene.value(DISCARD_ONE)).isEqualTo("1");
        assertThat(scene.states()).containsExactly("12 backing_off", "13 blocked");
        assertThat(scene.value("SELECT $.discard_uncarried('copy', 'store is gone', 3)"))
                .isEqualTo("3");

        assertThat(scene.states()).isEmpty();
        assertThat(scene.rows("SELECT sequence FROM $.outbox_entry")).containsExactly("2");
    }

    @Test
    void sinkThatALivingRelayCarriesIsRefused() throws SQLException {
        scene.relay(RELAY, "pod-1:7", "search", "copy");

        assertThatThrownBy(() -> scene.run(DISCARD))
                .hasMessageContaining(
                        "sink copy is carried by relay " + RELAY + " on pod-1:7, expected no living relay")
                .hasMessageContaining("Take the sink out of the configuration of every relay first");

        scene.run("UPDATE $.relay SET heartbeat_at = now() - interval '31 s'");
        assertThat(scene.value(DISCARD)).isEqualTo("2");
    }

    @Test
    void relayThatCarriesAnotherSinkIsNoObstacle() throws SQLException {
        scene.relay(RELAY, "pod-1:7", "search");
        scene.lease(RELAY, "search");

        assertThat(scene.value(DISCARD)).isEqualTo("2");
    }

    @Test
    void livingLeaseIsRefusedWhoeverHoldsIt() throws SQLException {
        scene.lease(RELAY, "copy");

        assertThatThrownBy(() -> scene.run(DISCARD))
                .hasMessageContaining("is leased to " + RELAY + " until 20")
                .hasMessageContaining("Try again after that time");

        assertThat(scene.value("SELECT count(*) FROM $.outbox_entry")).isEqualTo("2");
        scene.run("UPDATE $.shedlock SET lock_until = timezone('utc', now()) - interval '1 s'");
        assertThat(scene.value(DISCARD)).isEqualTo("2");
    }

    @Test
    void relayThatComesMeanwhileWaitsAndClaimsWhatIsLeft() throws Exception {
        Future<List<Long>> claimed = whileOpen(DISCARD_ONE, () -> {
            scene.lease(RELAY, "copy");
            assertThat(leases().take(lane, RELAY)).isPresent();
            return claim();
        });

        assertThat(claimed.get(10, SECONDS)).containsExactly(2L);
    }

    @Test
    void relayThatTookItsLaneJustBeforeIsSeen() throws Exception {
        Future<String> discarded = whileOpen(
                """
                INSERT INTO $.shedlock VALUES ('%s', timezone('utc', now()) + interval '30 s', timezone('utc', now()), '%s')
                """.formatted(lane.lockName(), RELAY),
                "UPDATE $.lane SET fencing_token = fencing_token + 1, holder = '%s' WHERE sink_id = 1".formatted(RELAY),
                () -> scene.value(DISCARD));

        assertThatThrownBy(() -> discarded.get(10, SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("lane " + lane.lockName() + " is leased to " + RELAY);
    }

    @Test
    void relayThatWasThoughtGoneSettlesNothingAfterwards() throws SQLException {
        scene.lease(RELAY, "copy");
        LaneRight right = leases().take(lane, RELAY).orElseThrow().right();
        assertThat(claim()).containsExactly(1L, 2L);
        scene.run("UPDATE $.shedlock SET lock_until = timezone('utc', now()) - interval '1 s'");

        scene.run(DISCARD_ONE);

        var claims = new ClaimStore(scene.installed().dataSource(), "dualwrite");
        assertThat(claims.settle(right, Settlement.ofDone(List.of(1L, 2L)), true))
                .isEmpty();
        assertThat(scene.rows("SELECT sequence FROM $.outbox_entry")).containsExactly("2");
    }

    private LeaseStore leases() {
        return new LeaseStore(scene.installed().dataSource(), "dualwrite");
    }

    private List<Long> claim() {
        var claims = new ClaimStore(scene.installed().dataSource(), "dualwrite");
        return claims.claim(List.of(new Request(lane, 0, false)), 10, 1000).orElseThrow().get(0).stream()
                .map(c -> c.entry().version().sequence())
                .toList();
    }

    private <T> Future<T> whileOpen(String statement, Callable<T> then) throws SQLException {
        return whileOpen(statement, "SELECT 1", then);
    }

    /** Commits these two once what another session does waits for them. */
    private <T> Future<T> whileOpen(String first, String next, Callable<T> then) throws SQLException {
        try (Connection connection = scene.installed().dataSource().getConnection()) {
            connection.setAutoCommit(false);
            Psql.run(connection, scene.in(first));
            Psql.run(connection, scene.in(next));
            Future<T> waiting = second.submit(then);
            await().atMost(10, SECONDS)
                    .until(() -> waiting.isDone()
                            || !"0"
                                    .equals(scene.value("SELECT count(*) FROM pg_stat_activity"
                                            + " WHERE datname = current_database() AND wait_event_type = 'Lock'")));
            connection.commit();
            return waiting;
        }
    }
}
