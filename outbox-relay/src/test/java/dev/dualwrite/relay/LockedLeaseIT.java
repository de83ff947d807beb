package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.relay.internal.LoggedEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A person's session holds a row that the lease thread writes: only what the row is for waits. */
class LockedLeaseIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration LONGER_THAN_A_LEASE = Relays.LEASE.plusSeconds(2);

    private OutboxDatabase database;
    private Relays relays;
    private RecordingSink sink;

    @BeforeEach
    void open() {
        database = new OutboxDatabase("copy");
        relays = new Relays(database);
        sink = new RecordingSink();
    }

    @AfterEach
    void close() {
        relays.close();
        database.close();
    }

    @Test
    void laneWhoseLockIsLockedCostsNoOtherLaneAndRecovers() throws SQLException {
        Relay relay = relays.start("copy", sink);
        await().atMost(SOON).until(() -> relay.status().lanesHeld() == OutboxDatabase.SHARDS);

        try (var logged = new LoggedEvents();
                Connection person = database.begin()) {
            lock(person, "SELECT 1 FROM dualwrite.shedlock WHERE name = 'copy/1' FOR UPDATE");
            await().during(LONGER_THAN_A_LEASE).atMost(SOON).until(() -> liveLocksOfOthersThan(1) == 3);
            await().atMost(SOON).until(() -> !logged.of("lease_lost").isEmpty());
            assertThat(tokensOfOthersThan(1)).containsOnly(1L);
            assertThat(logged.of("lease_row_locked")).singleElement().asString().contains("rows=[copy/1]");
            assertThat(logged.of("lease_lost")).singleElement().asString().contains("lanes=[copy/1]");
            assertThat(logged.of("lease_round_failed")).isEmpty();
            person.rollback();
        }

        await().atMost(SOON).until(() -> relay.status().lanesHeld() == OutboxDatabase.SHARDS);
        database.append(order(idInShard(1), "x"));
        await().atMost(SOON).until(() -> sink.applied(idInShard(1)).equals(List.of("x")));
        assertThat(tokensOfOthersThan(1)).containsOnly(1L);
    }

    @Test
    void laneWhoseFirstLockSomebodyElseInsertedAndTookBackIsTakenAllTheSame() throws SQLException {
        try (Connection other = database.begin()) {
            lock(
                    other,
                    "INSERT INTO dualwrite.shedlock (name, lock_until, locked_at, locked_by)"
                            + " VALUES ('copy/1', timezone('utc', now()), timezone('utc', now()), 'other')");
            Relay relay = relays.start("copy", sink);
            await().atMost(SOON).until(() -> relay.status().lanesHeld() == OutboxDatabase.SHARDS - 1);
            await().during(Relays.LEASE).atMost(SOON).until(() -> liveLocksOfOthersThan(1) == 3);

            other.rollback();

            await().atMost(SOON).until(() -> relay.status().lanesHeld() == OutboxDatabase.SHARDS);
        }
    }

    @Test
    void entriesOfOtherLanesAreAppliedMeanwhile() throws SQLException {
        Relay relay = relays.start("copy", sink);
        await().atMost(SOON).until(() -> relay.status().lanesHeld() == OutboxDatabase.SHARDS);

        try (Connection person = database.begin()) {
            lock(person, "SELECT 1 FROM dualwrite.shedlock WHERE name = 'copy/1' FOR UPDATE");
            await().atMost(SOON).until(() -> relay.status().lanesHeld() == OutboxDatabase.SHARDS - 1);
            database.append(order(idInShard(2), "x"));

            await().atMost(SOON).until(() -> sink.applied(idInShard(2)).equals(List.of("x")));
            person.rollback();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1 FROM dualwrite.lane WHERE shard = 1 FOR UPDATE",
                "SELECT 1 FROM dualwrite.shedlock WHERE name = 'copy/1' FOR UPDATE"
            })
    void freeLaneThatIsLockedKeepsNobodyFromTakingTheOthers(String statement) throws SQLException {
        Relay first = relays.start("copy", sink);
        await().atMost(SOON).until(() -> first.status().lanesHeld() == OutboxDatabase.SHARDS);
        relays.stop(first);

        try (Connection person = database.begin()) {
            lock(person, statement);
            Relay second = relays.start("copy", sink);
            await().atMost(SOON).until(() -> second.status().lanesHeld() == OutboxDatabase.SHARDS - 1);
            await().during(LONGER_THAN_A_LEASE).atMost(SOON).until(() -> liveLocksOfOthersThan(1) == 3);
            assertThat(tokensOfOthersThan(1)).containsOnly(2L);
            person.rollback();
            await().atMost(SOON).until(() -> second.status().lanesHeld() == OutboxDatabase.SHARDS);
        }
    }

    @Test
    void relayWhoseHeartbeatIsLockedKeepsItsLanes() throws SQLException {
        Relay relay = relays.start("copy", sink);
        await().atMost(SOON).until(() -> relay.status().lanesHeld() == OutboxDatabase.SHARDS);

        try (Connection person = database.begin()) {
            lock(person, "SELECT 1 FROM dualwrite.relay FOR UPDATE");
            await().during(LONGER_THAN_A_LEASE).atMost(SOON).until(() -> liveLocksOfOthersThan(1) == 3);
            person.rollback();
        }

        assertThat(database.count("SELECT max(fencing_token) FROM dualwrite.lane"))
                .isEqualTo(1);
    }

    @Test
    void stopGivesBackWhatIsNotLocked() throws SQLException {
        Relay relay = relays.start("copy", sink);
        await().atMost(SOON).until(() -> relay.status().lanesHeld() == OutboxDatabase.SHARDS);

        try (Connection person = database.begin()) {
            lock(person, "SELECT 1 FROM dualwrite.shedlock WHERE name = 'copy/1' FOR UPDATE");
            relays.stop(relay);

            assertThat(liveLocksOfOthersThan(1)).isZero();
            person.rollback();
        }
    }

    private long liveLocksOfOthersThan(int shard) {
        return database.count("SELECT count(*) FROM dualwrite.shedlock"
                + " WHERE lock_until > timezone('utc', clock_timestamp()) AND name <> 'copy/" + shard + "'");
    }

    private List<Long> tokensOfOthersThan(int shard) {
        return database.sql
                .sql("SELECT fencing_token FROM dualwrite.lane WHERE shard <> ?")
                .param(shard)
                .query(Long.class)
                .list();
    }

    private static int idInShard(int shard) {
        return IntStream.range(0, 1000)
                .filter(id -> order(id, "").aggregate().shard(OutboxDatabase.SHARDS) == shard)
                .findFirst()
                .orElseThrow();
    }

    /** Not for ever: a relay that does wait for the person lets the test fail when the session is gone, and not hang. */
    private static void lock(Connection person, String statement) throws SQLException {
        try (var session = person.createStatement()) {
            session.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'");
            session.execute(statement);
        }
    }
}
