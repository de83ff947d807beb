package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.LeaseStore.Taken;
import dev.dualwrite.outbox.jdbc.MemberStore.Beat;
import dev.dualwrite.outbox.jdbc.MemberStore.CarriedSink;
import dev.dualwrite.outbox.jdbc.MemberStore.LockedLane;
import dev.dualwrite.outbox.jdbc.MemberStore.Member;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What relays write of themselves and of lanes, and what others see of it. */
class MemberStoreIT {

    private static final UUID FIRST = new UUID(0, 1);
    private static final UUID SECOND = new UUID(0, 2);
    private static final Duration LEASE = Duration.ofSeconds(30);

    private InstalledSchema schema;
    private MemberStore members;
    private LeaseStore leases;
    private short copy;
    private short index;

    @BeforeEach
    void install() throws SQLException {
        schema = new InstalledSchema("box");
        var sinks = new ControlStore(schema.dataSource(), "box").registerSinks(List.of("copy", "index"));
        copy = sinks.get("copy");
        index = sinks.get("index");
        members = new MemberStore(schema.dataSource(), "box");
        leases = new LeaseStore(schema.dataSource(), "box");
    }

    @Test
    void membersAreSeenWithTheirSinksInTheOrderOfTheirStart() {
        beat(SECOND, carried(copy));
        beat(FIRST, carried(copy), carried(index));
        beat(SECOND, carried(copy));

        assertThat(members.look(Set.of(copy)).members())
                .containsExactly(
                        new Member(SECOND.toString(), Set.of(copy)), new Member(FIRST.toString(), Set.of(copy, index)));
    }

    @Test
    void memberWhoseHeartbeatIsOlderThanItSaysIsNotSeen() throws SQLException {
        beat(FIRST, carried(copy));
        beat(SECOND, carried(copy));
        schema.execute(
                "UPDATE box.relay SET heartbeat_at = now() - interval '31 seconds' WHERE relay_id = '" + FIRST + "'");

        assertThat(members.look(Set.of(copy)).members())
                .extracting(Member::relay)
                .containsExactly(SECOND.toString());
    }

    @Test
    void lanesAreSeenWithTheirLiveHolderAndTheTimeLeft() throws SQLException {
        lock("copy/3", FIRST, 10);
        lock("copy/4", FIRST, -1);

        List<LockedLane> lanes = members.look(Set.of(copy)).lanes();

        assertThat(lanes).hasSize(Schema.DEFAULT_SHARD_COUNT);
        assertThat(lanes.get(3).lane()).isEqualTo(new Lane(copy, 3, "copy/3"));
        assertThat(lanes.get(3).holder()).isEqualTo(FIRST.toString());
        assertThat(lanes.get(3).left()).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(10));
        assertThat(lanes).filteredOn(l -> l.holder() == null).hasSize(Schema.DEFAULT_SHARD_COUNT - 1);
    }

    @Test
    void heartbeatBringsARowBackThatWasRemoved() throws SQLException {
        beat(FIRST, carried(copy));
        schema.execute("DELETE FROM box.relay");

        beat(FIRST, carried(copy));

        assertThat(members.look(Set.of(copy)).members()).hasSize(1);
    }

    @Test
    void relaysThatAreGoneForAnHourAreRemovedByTheNextHeartbeat() throws SQLException {
        beat(FIRST, carried(copy));
        schema.execute("UPDATE box.relay SET heartbeat_at = now() - interval '61 minutes'");

        beat(SECOND, carried(copy));

        assertThat(schema.query("SELECT relay_id FROM box.relay")).containsExactly(SECOND.toString());
        assertThat(schema.query("SELECT relay_id FROM box.relay_sink")).containsExactly(SECOND.toString());
    }

    @Test
    void openBreakerIsWrittenAndClosedAgain() throws SQLException {
        beat(FIRST, new CarriedSink(copy, "connection refused", Duration.ofMinutes(5)), carried(index));
        String tripped = "SELECT tripped_reason || ' ' || round(extract(epoch FROM now() - tripped_at) / 60)"
                + " FROM box.relay_sink WHERE tripped_at IS NOT NULL";
        assertThat(schema.query(tripped)).containsExactly("connection refused 5");

        beat(FIRST, new CarriedSink(copy, "connection refused", Duration.ofMinutes(1)), carried(index));
        assertThat(schema.query(tripped)).as("opened anew").containsExactly("connection refused 1");

        beat(FIRST, carried(copy), carried(index));
        assertThat(schema.query(tripped)).isEmpty();
    }

    @Test
    void laneThatWasGivenBackCountsNoUncleanTakeover() throws SQLException {
        lock("copy/3", FIRST, 10);
        Lane lane = new Lane(copy, 3, "copy/3");
        assertThat(leases.take(lane, FIRST).orElseThrow().uncleanTakeovers()).isZero();

        assertThat(leases.release(List.of(lane), FIRST)).isEqualTo(1);

        assertThat(schema.query("SELECT count(*) FROM box.lane WHERE holder IS NOT NULL"))
                .containsExactly("0");
        lock("copy/3", SECOND, 10);
        assertThat(leases.take(lane, SECOND).orElseThrow().uncleanTakeovers()).isZero();
    }

    @Test
    void uncleanTakeoversAddUpUntilSomethingIsSettled() throws SQLException {
        Lane lane = new Lane(copy, 3, "copy/3");
        lock("copy/3", FIRST, 10);
        Taken first = leases.take(lane, FIRST).orElseThrow();
        lock("copy/3", SECOND, 10);
        assertThat(leases.take(lane, SECOND).orElseThrow().uncleanTakeovers()).isEqualTo(1);
        Taken third = leases.take(lane, SECOND).orElseThrow();
        assertThat(third.uncleanTakeovers()).isEqualTo(2);

        assertThat(leases.settledOnce(first.right())).as("an older right").isFalse();
        assertThat(schema.query("SELECT unclean_takeovers FROM box.lane WHERE shard = 3 AND sink_id = " + copy))
                .containsExactly("2");
        assertThat(leases.settledOnce(third.right())).isTrue();
        assertThat(leases.take(lane, SECOND).orElseThrow().uncleanTakeovers()).isEqualTo(1);
    }

    @Test
    void leaseThatRanOutIsNotGivenBackInOrder() throws SQLException {
        Lane lane = new Lane(copy, 3, "copy/3");
        lock("copy/3", FIRST, 10);
        assertThat(leases.take(lane, FIRST)).isPresent();
        lock("copy/3", FIRST, -1);

        assertThat(leases.release(List.of(lane), FIRST)).isZero();

        assertThat(schema.query("SELECT holder FROM box.lane WHERE holder IS NOT NULL"))
                .containsExactly(FIRST.toString());
    }

    @Test
    void handOversRiseOnceForAReleaseAndNotForNothing() throws SQLException {
        String version = "SELECT version FROM box.hand_over";
        long before = Long.parseLong(schema.query(version).get(0));
        lock("copy/3", FIRST, 10);
        lock("copy/4", FIRST, 10);
        lock("copy/5", SECOND, 10);
        var all = List.of(new Lane(copy, 3, "copy/3"), new Lane(copy, 4, "copy/4"), new Lane(copy, 5, "copy/5"));

        assertThat(leases.release(all, FIRST)).isEqualTo(2);
        assertThat(schema.query(version)).containsExactly(Long.toString(before + 1));
        assertThat(leases.release(all, FIRST)).isZero();
        assertThat(schema.query(version)).containsExactly(Long.toString(before + 1));
    }

    @Test
    void relayThatLeavesIsNoMemberAndHoldsNothing() throws SQLException {
        beat(FIRST, carried(copy));
        beat(SECOND, carried(copy));
        lock("copy/3", FIRST, 10);
        Lane lane = new Lane(copy, 3, "copy/3");
        assertThat(leases.take(lane, FIRST)).isPresent();

        assertThat(leases.leave(List.of(lane), FIRST)).isEqualTo(1);

        assertThat(members.look(Set.of(copy)).members())
                .extracting(Member::relay)
                .containsExactly(SECOND.toString());
        assertThat(members.look(Set.of(copy)).lanes())
                .extracting(LockedLane::holder)
                .containsOnlyNulls();
        assertThat(schema.query("SELECT holder FROM box.lane WHERE holder IS NOT NULL"))
                .isEmpty();
    }

    private void beat(UUID relay, CarriedSink... carried) {
        members.beat(new Beat(relay, "host/1", LEASE, 0), List.of(carried));
    }

    private static CarriedSink carried(short sink) {
        return new CarriedSink(sink, null, Duration.ZERO);
    }

    private void lock(String name, UUID holder, int seconds) throws SQLException {
        schema.execute(
                "INSERT INTO box.shedlock VALUES ('" + name + "', timezone('utc', now()) + interval '" + seconds
                        + " seconds', timezone('utc', now()), '" + holder
                        + "') ON CONFLICT (name) DO UPDATE SET lock_until = excluded.lock_until, locked_by = excluded.locked_by");
    }
}
