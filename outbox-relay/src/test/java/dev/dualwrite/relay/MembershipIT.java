package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.apply.ConfiguredSink;
import dev.dualwrite.relay.apply.RetryPolicy;
import dev.dualwrite.relay.retry.Backoff;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several relays on one primary: who holds what when they join, stop, die and wake up. */
class MembershipIT {

    private static final int SHARDS = 32;
    private static final Duration SOON = Duration.ofSeconds(30);

    /** So long that a test which waits for it fails. */
    private static final Duration LONG = Duration.ofSeconds(40);

    /** A look every eighteen seconds: what takes six was told and not found. */
    private static final Duration THREE_MINUTES = Duration.ofMinutes(3);

    private static final Duration WHEN_TOLD = Duration.ofSeconds(6);
    private static final Duration WHEN_FOUND = Duration.ofSeconds(60);

    private static final Duration SHORT = Duration.ofSeconds(6);

    private OutboxDatabase database;
    private final RecordingSink sink = new RecordingSink();
    private final List<Relay> running = new ArrayList<>();

    @BeforeEach
    void open() {
        database = new OutboxDatabase(SHARDS, 32, "copy");
    }

    @AfterEach
    void close() {
        List.copyOf(running).forEach(this::stop);
        database.close();
    }

    @Test
    void lanesSpreadOverThoseThatJoinWithNoMoreMovesThanNeeded() {
        start(LONG);
        await().atMost(SOON).until(() -> held().equals(List.of(32)));
        start(LONG);
        await().atMost(SOON).until(() -> held().equals(List.of(16, 16)));
        start(LONG);
        await().atMost(SOON).until(() -> held().equals(List.of(10, 11, 11)));

        // Each take raises a token: 32 at first, 16 for the second relay, 10 for the third.
        assertThat(database.count("SELECT sum(fencing_token) FROM dualwrite.lane"))
                .isEqualTo(32 + 16 + 10);
        assertThat(database.count("SELECT sum(unclean_takeovers) FROM dualwrite.lane"))
                .isZero();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(database.count("SELECT sum(fair_share) FROM dualwrite.relay"))
                        .isEqualTo(SHARDS));
    }

    @Test
    void lanesOfAStoppedRelayAreWithTheOthersAtOnce() {
        Relay first = start(THREE_MINUTES);
        Relay second = start(THREE_MINUTES);
        Relay third = start(THREE_MINUTES);
        await().atMost(WHEN_FOUND).until(() -> held().equals(List.of(10, 11, 11)));

        stop(first);

        await().atMost(WHEN_TOLD).until(() -> held().equals(List.of(16, 16)));
        stop(second);
        await().atMost(WHEN_TOLD).until(() -> third.status().lanesHeld() == SHARDS);
        assertThat(database.count("SELECT sum(unclean_takeovers) FROM dualwrite.lane"))
                .as("takeovers that were not clean")
                .isZero();
        assertThat(database.count("SELECT count(*) FROM dualwrite.relay")).isEqualTo(1);
    }

    @Test
    void actOfAPersonThatIsLeftOpenHoldsUpNobodyWhoLeavesOrJoins() throws Exception {
        Relay first = start(THREE_MINUTES);
        start(THREE_MINUTES);
        await().atMost(WHEN_FOUND).until(() -> held().equals(List.of(16, 16)));
        try (Connection person = database.begin();
                var act = person.createStatement()) {
            act.execute("SELECT dualwrite.pause_sink('copy', 'left open')");

            stop(first);
            await().atMost(WHEN_TOLD).until(() -> held().equals(List.of(SHARDS)));
            start(SHORT);
            await().atMost(WHEN_FOUND).until(() -> held().equals(List.of(16, 16)));
            database.append(OutboxDatabase.order(1, "x"), OutboxDatabase.order(2, "x"), OutboxDatabase.order(3, "x"));

            await().atMost(SOON).until(() -> database.hotEntries() == 0);
            person.rollback();
        }
    }

    @Test
    void lanesOfADeadRelayAreTakenOverWithinTheLeaseAndItComesBackAsAnyOther() {
        var primaryOfFirst = new CutOff(database.dataSource());
        Relay first = start(SHORT, primaryOfFirst);
        start(SHORT);
        start(SHORT);
        await().atMost(SOON).until(() -> held().equals(List.of(10, 11, 11)));

        primaryOfFirst.cut();

        await().atMost(SHORT.plusSeconds(5))
                .until(() -> database.count("SELECT count(*) FROM dualwrite.lane WHERE holder <> '"
                                + first.status().relay() + "'")
                        == SHARDS);
        // Nothing was open in them, so nothing is held against them.
        await().atMost(SOON).until(() -> database.count("SELECT sum(unclean_takeovers) FROM dualwrite.lane") == 0);

        primaryOfFirst.heal();
        // What was adopted meanwhile is kept for ten leases.
        await().atMost(Duration.ofSeconds(90)).until(() -> held().equals(List.of(10, 11, 11)));
        database.append(IntStream.range(0, 100).mapToObj(i -> order(i, "x")).toArray(OutboxEntry[]::new));
        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(sink.appliedCount()).isEqualTo(100);
    }

    @Test
    void sixteenRelaysComeAndGoUnderLoadAndEveryEntryIsAppliedOnceAndInOrder() throws Exception {
        int aggregates = 100;
        int rounds = 60;
        CompletableFuture<Void> load = CompletableFuture.runAsync(() -> {
            for (int round = 0; round < rounds; round++) {
                String payload = Integer.toString(round);
                database.append(IntStream.range(0, aggregates)
                        .mapToObj(i -> order(i, payload))
                        .toArray(OutboxEntry[]::new));
                await().pollInterval(Duration.ofMillis(10)).until(() -> database.hotEntries() < 1000);
            }
        });
        for (int i = 0; i < 16; i++) {
            start(LONG);
        }
        await().atMost(SOON).until(() -> held().equals(Collections.nCopies(16, 2)));
        for (int i = 0; i < 8; i++) {
            stop(running.get(0));
        }
        await().atMost(SOON).until(() -> held().equals(Collections.nCopies(8, 4)));

        load.get();
        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        List<String> all =
                IntStream.range(0, rounds).mapToObj(Integer::toString).toList();
        for (int i = 0; i < aggregates; i++) {
            assertThat(sink.applied(i)).as("order " + i).isEqualTo(all);
        }
        assertThat(database.count("SELECT sum(unclean_takeovers) FROM dualwrite.lane"))
                .isZero();
    }

    @Test
    void laneIsGivenBackWhenItsBatchIsSettledAndNotBefore() throws Exception {
        var inside = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        sink.behaviour = entry -> {
            inside.countDown();
            goOn.await();
            return ApplyResult.applied();
        };
        Relay first = start(SHORT);
        await().atMost(SOON).until(() -> first.status().lanesHeld() == SHARDS);
        // Taken first, held longest, so the first to be given back.
        int busy = 0;
        int id = IntStream.iterate(1, i -> i + 1)
                .filter(i -> order(i, "x").aggregate().shard(SHARDS) == busy)
                .findFirst()
                .orElseThrow();
        database.append(order(id, "x"));
        inside.await();
        start(SHORT);
        await().atMost(SOON).until(() -> lockedByOthersThan(first) == 15);
        assertThat(database.count("SELECT count(*) FROM dualwrite.shedlock WHERE name = 'copy/" + busy
                        + "' AND locked_by = '" + first.status().relay() + "'"))
                .isEqualTo(1);
        goOn.countDown();

        await().atMost(SOON).until(() -> held().equals(List.of(16, 16)) && database.hotEntries() == 0);
        assertThat(sink.applied(id)).containsExactly("x");
    }

    @Test
    void relayThatStopsIsNoMemberAndKeepsItsLanesUntilItsBatchesEnd() throws Exception {
        var inside = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        sink.behaviour = entry -> {
            inside.countDown();
            goOn.await();
            return ApplyResult.applied();
        };
        Relay first = start(Duration.ofSeconds(5));
        await().atMost(SOON).until(() -> first.status().lanesHeld() == SHARDS);
        database.append(order(1, "x"));
        inside.await();
        UUID id = first.status().relay();
        Relay second = start(LONG);

        running.remove(first);
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> stop(first));
        await().atMost(SOON)
                .until(() -> database.count("SELECT count(*) FROM dualwrite.relay WHERE relay_id = '" + id + "'") == 0);
        String leasedUntil = "SELECT (1000 * extract(epoch FROM max(lock_until)))::bigint FROM dualwrite.shedlock"
                + " WHERE lock_until > timezone('utc', clock_timestamp()) AND locked_by = '" + id + "'";
        long before = database.count(leasedUntil);
        await().atMost(SOON).until(() -> database.count(leasedUntil) > before);
        goOn.countDown();
        stopped.get();

        await().atMost(SOON).until(() -> second.status().lanesHeld() == SHARDS && database.hotEntries() == 0);
        assertThat(sink.applied(1)).containsExactly("x");
        assertThat(database.count("SELECT sum(unclean_takeovers) FROM dualwrite.lane"))
                .isZero();
    }

    @Test
    void relayWhoseRowVanishedWritesItAgainAndKeepsItsLanes() {
        Relay relay = start(SHORT);
        await().atMost(SOON).until(() -> relay.status().lanesHeld() == SHARDS);

        database.sql.sql("DELETE FROM dualwrite.relay").update();

        await().atMost(SHORT).until(() -> database.count("SELECT count(*) FROM dualwrite.relay_sink") == 1);
        assertThat(database.count("SELECT max(fencing_token) FROM dualwrite.lane"))
                .isEqualTo(1);
        assertThat(relay.status().lanesHeld()).isEqualTo(SHARDS);
    }

    @Test
    void idleRelayAsksNoMoreThanItsLooksHeartbeatsAndRenewals() {
        var primary = new CutOff(database.dataSource());
        Relay relay = start(SHORT, primary);
        await().atMost(SOON).until(() -> relay.status().lanesHeld() == SHARDS);
        int before = primary.askedByLeaseThread();
        long began = System.nanoTime();

        await().during(SHORT.multipliedBy(2))
                .atMost(SOON)
                .until(() -> relay.status().lanesHeld() == SHARDS);

        double leases = (double) (System.nanoTime() - began) / SHORT.toNanos();
        // Ten looks, three heartbeats, three renewals for each lease; one round more may be cut at each end.
        assertThat((double) primary.askedByLeaseThread() - before).isLessThanOrEqualTo(leases * 16 + 6);
    }

    private Relay start(Duration lease) {
        return start(lease, new CutOff(database.dataSource()));
    }

    private Relay start(Duration lease, CutOff primary) {
        var copy = new ConfiguredSink(
                "copy",
                database.sinkId("copy"),
                sink,
                new RetryPolicy(3, new Backoff(Duration.ofMillis(100), Duration.ofMillis(400)), Duration.ofSeconds(5)),
                Duration.ofSeconds(10));
        var config = new RelayConfig(
                new ClaimConfig(100, 1_000_000, Duration.ofMillis(100), 2), lease, Duration.ofSeconds(10));
        var relay = new Relay(primary, "dualwrite", config, List.of(copy), CrashProbe.NONE);
        relay.start();
        running.add(relay);
        return relay;
    }

    private void stop(Relay relay) {
        running.remove(relay);
        try {
            relay.stop();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the running relays hold by their own account, if the database says the same; the fewest first. */
    private List<Integer> held() {
        List<Integer> locked = database.sql
                .sql("SELECT count(*)::integer FROM dualwrite.shedlock"
                        + " WHERE lock_until > timezone('utc', clock_timestamp()) GROUP BY locked_by ORDER BY 1")
                .query(Integer.class)
                .list();
        List<Integer> own = running.stream()
                .map(relay -> relay.status().lanesHeld())
                .sorted()
                .toList();
        return locked.equals(own) ? own : List.of();
    }

    private long lockedByOthersThan(Relay relay) {
        return database.count(
                "SELECT count(*) FROM dualwrite.shedlock WHERE lock_until > timezone('utc', clock_timestamp())"
                        + " AND locked_by <> '" + relay.status().relay() + "'");
    }
}
