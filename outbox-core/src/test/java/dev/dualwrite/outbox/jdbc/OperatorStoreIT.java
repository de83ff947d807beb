package dev.dualwrite.outbox.jdbc;

import static dev.dualwrite.outbox.jdbc.OperatorScene.RELAY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Java reads of the views is what they show. */
class OperatorStoreIT {

    private OperatorScene scene;
    private OperatorStore store;

    @BeforeEach
    void install() throws SQLException {
        scene = new OperatorScene("dualwrite");
        store = new OperatorStore(scene.installed().dataSource(), "dualwrite");
    }

    @Test
    void overviewShowsEverySinkAndEveryRelay() throws SQLException {
        scene.held(4711, "42", "dead");
        scene.held(4712, "42", "blocked");
        scene.held(4730, "44", "backing_off");
        scene.run("""
                INSERT INTO $.relay (relay_id, host, alive_for, fair_share)
                VALUES ('%s', 'pod-1:7', '30 seconds', 8)
                """.formatted(RELAY));
        scene.run("INSERT INTO $.relay_sink (relay_id, sink_id) SELECT '%s', sink_id FROM $.sink WHERE name = 'copy'"
                .formatted(RELAY));
        scene.run("""
                INSERT INTO $.shedlock (name, lock_until, locked_at, locked_by)
                VALUES ('copy/3', timezone('utc', now()) + interval '1 minute', timezone('utc', now()), '%s')
                """.formatted(RELAY));

        Overview overview = store.overview();

        assertThat(overview.sinks()).extracting(SinkOverview::sink).containsExactly("copy", "search");
        SinkOverview copy = overview.sinks().get(0);
        assertThat(copy.state()).isEqualTo("running");
        assertThat(copy.relays()).isOne();
        assertThat(copy.lanes()).isEqualTo(16);
        assertThat(copy.unheldLanes()).isEqualTo(15);
        assertThat(copy.backlog().entries()).isEqualTo(3);
        assertThat(copy.backlog().dead()).isOne();
        assertThat(copy.backlog().blocked()).isOne();
        assertThat(copy.backlog().backingOff()).isOne();
        assertThat(copy.backlog().lag()).isGreaterThanOrEqualTo(Duration.ofMinutes(10));
        assertThat(overview.sinks().get(1).unheldLanes()).isEqualTo(16);
        assertThat(overview.livingRelays()).isOne();
        assertThat(overview.relays()).singleElement().satisfies(relay -> {
            assertThat(relay.host()).isEqualTo("pod-1:7");
            assertThat(relay.sinks()).containsExactly("copy");
            assertThat(relay.shardsHeld()).isOne();
            assertThat(relay.fairShare()).isEqualTo(8);
        });
    }

    @Test
    void laneOfARelayThatIsGoneIsHeldByNobody() throws SQLException {
        scene.run("""
                INSERT INTO $.relay (relay_id, host, alive_for, heartbeat_at)
                VALUES ('%s', 'pod-1:7', '30 seconds', now() - interval '1 minute')
                """.formatted(RELAY));
        scene.run("""
                INSERT INTO $.shedlock (name, lock_until, locked_at, locked_by)
                VALUES ('copy/3', timezone('utc', now()) + interval '1 minute', timezone('utc', now()), '%s')
                """.formatted(RELAY));

        assertThat(store.overview().sinks())
                .extracting(SinkOverview::unheldLanes)
                .containsExactly(16, 16);
        assertThat(store.overview().livingRelays()).isZero();
    }
}
