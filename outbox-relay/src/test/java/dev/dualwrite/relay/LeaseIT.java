package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.jdbc.ClaimStore;
import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.jdbc.LeaseStore;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may settle a lane, and when another one may. */
class LeaseIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    private OutboxDatabase database;
    private Relays relays;
    private LeaseStore leases;
    private ClaimStore claims;

    @BeforeEach
    void open() {
        database = new OutboxDatabase("copy");
        relays = new Relays(database);
        leases = new LeaseStore(database.dataSource(), "dualwrite");
        claims = new ClaimStore(database.dataSource(), "dualwrite");
    }

    @AfterEach
    void close() {
        relays.close();
        database.close();
    }

    @Test
    void twoRelaysOnOneHostShareNoLane() {
        Relay one = relays.start("copy", new RecordingSink());
        await().atMost(SOON).until(() -> one.status().lanesHeld() == OutboxDatabase.SHARDS);

        Relay other = relays.start("copy", new RecordingSink());

        // A name that both have (ShedLock's default is the host's) would let one renew the locks of the other: it would
        // go on holding, by its own account, what it gave back.
        await().atMost(SOON).until(() -> eachHoldsHalf(one, other));
        long taken = database.count("SELECT sum(fencing_token) FROM dualwrite.lane");
        await().during(Relays.LEASE.plusSeconds(1)).atMost(SOON).until(() -> eachHoldsHalf(one, other));
        assertThat(taken).isEqualTo(OutboxDatabase.SHARDS + OutboxDatabase.SHARDS / 2);
        assertThat(database.count("SELECT sum(fencing_token) FROM dualwrite.lane"))
                .isEqualTo(taken);
    }

    @Test
    void stoppedRelayGivesItsLanesBackAtOnce() {
        var sink = new RecordingSink();
        Relay first = relays.start("copy", new RecordingSink());
        await().atMost(SOON).until(() -> held() == OutboxDatabase.SHARDS);

        relays.stop(first);
        assertThat(
                        database.count(
                                "SELECT count(*) FROM dualwrite.shedlock WHERE lock_until > timezone('utc', clock_timestamp())"))
                .isZero();
        relays.start("copy", sink);
        database.append(order(1, "x"));

        await().atMost(SOON).until(() -> sink.applied(1).equals(List.of("x")));
        assertThat(database.count("SELECT min(fencing_token) FROM dualwrite.lane"))
                .isEqualTo(2);
    }

    @Test
    void lanesOfADeadRelayAreTakenOverWhenItsLeasesEnd() {
        UUID dead = UUID.randomUUID();
        takeAllAsSomebodyWhoDies(dead);
        database.append(order(1, "x"), order(2, "y"));
        var sink = new RecordingSink();

        relays.start("copy", sink);

        await().atMost(SOON).until(() -> sink.appliedCount() == 2 && database.hotEntries() == 0);
        assertThat(database.count("SELECT min(fencing_token) FROM dualwrite.lane"))
                .isEqualTo(2);
    }

    @Test
    void runningRelayKeepsItsLeasesForLongerThanOneLease() {
        Relay relay = relays.start("copy", new RecordingSink());
        await().atMost(SOON).until(() -> held() == OutboxDatabase.SHARDS);

        await().during(Relays.LEASE.plusSeconds(2))
                .atMost(SOON)
                .until(() -> held() == OutboxDatabase.SHARDS
                        && relay.status().lanesHeld() == OutboxDatabase.SHARDS
                        && database.count("SELECT max(fencing_token) FROM dualwrite.lane") == 1);
    }

    @Test
    void settleOfALateHolderChangesNothing() {
        database.append(order(1, "x"));
        Lane lane = laneOf(order(1, "x").aggregate().shard(OutboxDatabase.SHARDS));
        LaneRight late = take(lane, UUID.randomUUID());
        List<ClaimedEntry> entries = claim(late);
        expire(lane);
        take(lane, UUID.randomUUID());

        OptionalLong settled = claims.settle(late, all(entries), true);

        assertThat(settled).isEmpty();
        assertThat(database.hotEntries()).isEqualTo(1);
    }

    @Test
    void sameTokenOfAnotherHolderChangesNothing() {
        database.append(order(1, "x"));
        Lane lane = laneOf(order(1, "x").aggregate().shard(OutboxDatabase.SHARDS));
        LaneRight right = take(lane, UUID.randomUUID());
        var other = new LaneRight(lane, right.fencingToken(), UUID.randomUUID());

        assertThat(claims.settle(other, all(claim(right)), true)).isEmpty();
        assertThat(database.hotEntries()).isEqualTo(1);
    }

    @Test
    void olderTokenOfTheSameHolderChangesNothing() {
        database.append(order(1, "x"));
        Lane lane = laneOf(order(1, "x").aggregate().shard(OutboxDatabase.SHARDS));
        UUID holder = UUID.randomUUID();
        LaneRight older = take(lane, holder);
        List<ClaimedEntry> entries = claim(older);
        take(lane, holder);

        assertThat(claims.settle(older, all(entries), true)).isEmpty();
        assertThat(database.hotEntries()).isEqualTo(1);
    }

    @Test
    void zombieThatWaitsInItsSettleWhileTheTokenChangesDeletesNothing() throws Exception {
        database.append(order(1, "x"));
        Lane lane = laneOf(order(1, "x").aggregate().shard(OutboxDatabase.SHARDS));
        LaneRight late = take(lane, UUID.randomUUID());
        List<ClaimedEntry> entries = claim(late);

        CompletableFuture<OptionalLong> settle;
        try (Connection takeOver = database.begin()) {
            update(takeOver, "UPDATE dualwrite.lane SET fencing_token = fencing_token + 1, holder = gen_random_uuid()");
            settle = CompletableFuture.supplyAsync(() -> claims.settle(late, all(entries), true));
            await().atMost(SOON)
                    .until(() -> database.count("SELECT count(*) FROM pg_stat_activity"
                                    + " WHERE wait_event_type = 'Lock' AND datname = current_database()")
                            == 1);
            takeOver.commit();
        }

        assertThat(settle.get()).isEmpty();
        assertThat(database.hotEntries()).isEqualTo(1);
    }

    @Test
    void tokenIsNotRaisedWithoutALiveLock() {
        Lane lane = laneOf(0);
        UUID holder = UUID.randomUUID();
        take(lane, holder);
        expire(lane);

        assertThat(leases.take(lane, holder)).isEmpty();
        assertThat(database.count("SELECT fencing_token FROM dualwrite.lane WHERE shard = 0"))
                .isEqualTo(1);
    }

    @Test
    void floorAboveTheSequenceIsForgotten() {
        database.sql.sql("UPDATE dualwrite.lane SET floor = 1000000").update();
        var sink = new RecordingSink();

        relays.start("copy", sink);
        database.append(order(1, "x"));

        await().atMost(SOON).until(() -> sink.applied(1).equals(List.of("x")));
    }

    @Test
    void relayThatLostItsLaneTakesItAnewAndGoesOn() {
        var sink = new RecordingSink();
        relays.start("copy", sink);
        database.append(order(1, "a"));
        await().atMost(SOON).until(() -> sink.applied(1).equals(List.of("a")));

        database.sql
                .sql("UPDATE dualwrite.lane SET fencing_token = fencing_token + 1, holder = NULL")
                .update();
        database.append(order(1, "b"));

        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(sink.applied(1)).startsWith("a").endsWith("b");
    }

    @Test
    void laneThatIsFoundEmptyIsNotHeldAgainstItsNextHolders() {
        takeAllAsSomebodyWhoDies(UUID.randomUUID());
        for (int shard = 0; shard < OutboxDatabase.SHARDS; shard++) {
            expire(laneOf(shard));
        }

        relays.start("copy", new RecordingSink());

        await().atMost(SOON).until(() -> held() == OutboxDatabase.SHARDS);
        await().atMost(SOON)
                .until(() ->
                        database.count("SELECT sum(unclean_takeovers) FROM dualwrite.lane WHERE holder IS NOT NULL")
                                == 0);
    }

    @Test
    void laneThatStillHoldsSomethingIsNotTakenForEmpty() {
        database.append(order(1, "x"));
        database.sql.sql("""
                        WITH moved AS (DELETE FROM dualwrite.outbox_entry RETURNING *)
                        INSERT INTO dualwrite.held_entry
                               (version, appended_at, first_failed_at, attempts, sink_id, shard, schema_version, operation,
                                state, aggregate_type, aggregate_id, payload_type, headers, payload, error_message)
                        SELECT sequence, appended_at, now(), 1, sink_id, shard, schema_version, operation,
                               'dead', aggregate_type, aggregate_id, payload_type, headers, payload, 'bad'
                        FROM moved
                        """).update();
        takeAllAsSomebodyWhoDies(UUID.randomUUID());
        for (int shard = 0; shard < OutboxDatabase.SHARDS; shard++) {
            expire(laneOf(shard));
        }

        relays.start("copy", new RecordingSink());

        String uncleared = "SELECT sum(unclean_takeovers) FROM dualwrite.lane";
        await().atMost(SOON).until(() -> held() == OutboxDatabase.SHARDS && database.count(uncleared) == 1);
        await().during(Duration.ofMillis(500)).atMost(SOON).until(() -> database.count(uncleared) == 1);
    }

    @Test
    void stopOutlastsAShortFailureOfThePrimary() throws Exception {
        var sink = new RecordingSink();
        Relay relay = relays.start("copy", sink);
        await().atMost(SOON).until(() -> held() == OutboxDatabase.SHARDS);
        database.sql
                .sql("ALTER TABLE dualwrite.lane RENAME COLUMN floor TO gone")
                .update();
        // The floor rises, and cannot be stored.
        for (int i = 1; i <= 3; i++) {
            int applied = i;
            database.append(order(1, "x" + i));
            await().atMost(SOON).until(() -> sink.appliedCount() == applied && database.hotEntries() == 0);
        }

        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> relays.stop(relay));
        await().during(Duration.ofMillis(300)).atMost(SOON).until(() -> !stopped.isDone());
        database.sql
                .sql("ALTER TABLE dualwrite.lane RENAME COLUMN gone TO floor")
                .update();
        stopped.get();

        assertThat(database.count("SELECT count(*) FROM dualwrite.lane WHERE holder IS NOT NULL"))
                .isZero();
        assertThat(database.count("SELECT max(floor) FROM dualwrite.lane")).isPositive();
    }

    @Test
    void stoppedRelayCanBeStartedAgain() throws Exception {
        var sink = new RecordingSink();
        Relay relay = relays.start("copy", sink);
        UUID first = relay.status().relay();
        relay.stop();
        database.append(order(1, "x"));

        relay.start();

        await().atMost(SOON).until(() -> sink.applied(1).equals(List.of("x")));
        assertThat(relay.status().relay()).isNotEqualTo(first);
    }

    @Test
    void stopEndsEveryThreadThoughThePrimaryIsGone() {
        Relay relay = relays.start("copy", new RecordingSink());
        await().atMost(SOON).until(() -> held() == OutboxDatabase.SHARDS);
        database.append(order(1, "x"));
        database.sql.sql("ALTER SCHEMA dualwrite RENAME TO gone").update();

        relays.stop(relay);

        await().atMost(SOON)
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .extracting(Thread::getName)
                        .noneMatch(name -> name.equals("outbox-relay-lease") || name.equals("outbox-relay-claim")));
    }

    @Test
    void stopWaitsForTheBatchUnderWay() throws Exception {
        var inside = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var sink = new RecordingSink();
        sink.behaviour = entry -> {
            inside.countDown();
            goOn.await();
            return ApplyResult.applied();
        };
        Relay relay = relays.start("copy", sink);
        database.append(order(1, "x"));
        inside.await();

        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> relays.stop(relay));
        goOn.countDown();
        stopped.get();

        assertThat(sink.applied(1)).containsExactly("x");
        assertThat(database.hotEntries()).isZero();
    }

    private void takeAllAsSomebodyWhoDies(UUID dead) {
        for (int shard = 0; shard < OutboxDatabase.SHARDS; shard++) {
            take(laneOf(shard), dead, Duration.ofSeconds(5));
        }
    }

    private LaneRight take(Lane lane, UUID holder) {
        return take(lane, holder, Duration.ofMinutes(1));
    }

    private LaneRight take(Lane lane, UUID holder, Duration lease) {
        database.sql
                .sql("""
                        INSERT INTO dualwrite.shedlock (name, lock_until, locked_at, locked_by)
                        VALUES (?, timezone('utc', now()) + ? * interval '1 second', timezone('utc', now()), ?)
                        ON CONFLICT (name) DO UPDATE SET lock_until = excluded.lock_until, locked_by = excluded.locked_by
                        """)
                .params(lane.lockName(), lease.toSeconds(), holder.toString())
                .update();
        return leases.take(lane, holder).orElseThrow().right();
    }

    private void expire(Lane lane) {
        database.sql
                .sql(
                        "UPDATE dualwrite.shedlock SET lock_until = timezone('utc', now()) - interval '1 second' WHERE name = ?")
                .param(lane.lockName())
                .update();
    }

    private static ClaimStore.Settlement all(List<ClaimedEntry> entries) {
        return ClaimStore.Settlement.ofDone(
                entries.stream().map(e -> e.version().sequence()).toList());
    }

    private List<ClaimedEntry> claim(LaneRight right) {
        return claims
                .claim(List.of(new ClaimStore.Request(right.lane(), 0, false)), 10, 1000)
                .orElseThrow()
                .get(0)
                .stream()
                .map(ClaimStore.Claimed::entry)
                .toList();
    }

    private Lane laneOf(int shard) {
        return new Lane(database.sinkId("copy"), shard, "copy/" + shard);
    }

    private long held() {
        return database.count(
                "SELECT count(*) FROM dualwrite.shedlock WHERE lock_until > timezone('utc', clock_timestamp())");
    }

    private boolean eachHoldsHalf(Relay one, Relay other) {
        int half = OutboxDatabase.SHARDS / 2;
        return lockedBy(one) == half
                && lockedBy(other) == half
                && one.status().lanesHeld() == half
                && other.status().lanesHeld() == half;
    }

    private long lockedBy(Relay relay) {
        return database.count(
                "SELECT count(*) FROM dualwrite.shedlock WHERE lock_until > timezone('utc', clock_timestamp())"
                        + " AND locked_by = '" + relay.status().relay() + "'");
    }

    private static void update(Connection connection, String statement) throws SQLException {
        try (var update = connection.createStatement()) {
            update.executeUpdate(statement);
        }
    }
}
