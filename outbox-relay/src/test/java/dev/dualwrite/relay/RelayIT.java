package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.apply.ClaimConfig;
import java.net.ConnectException;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a relay does with entries: the order it keeps, and what a failure costs whom. */
class RelayIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    private OutboxDatabase database;
    private Relays relays;
    private final RecordingSink sink = new RecordingSink();

    @BeforeEach
    void open() {
        database = new OutboxDatabase("copy");
        relays = new Relays(database);
    }

    @AfterEach
    void close() {
        relays.close();
        database.close();
    }

    @Test
    void entriesOfAnAggregateAreAppliedInTheOrderOfTheirCommit() {
        for (int i = 0; i < 50; i++) {
            database.append(order(i % 5, "v" + i));
        }

        relays.start("copy", sink);

        await().atMost(SOON).until(() -> sink.appliedCount() == 50 && database.hotEntries() == 0);
        for (int id = 0; id < 5; id++) {
            int first = id;
            assertThat(sink.applied(id))
                    .isEqualTo(IntStream.range(0, 10)
                            .mapToObj(n -> "v" + (first + 5 * n))
                            .toList());
        }
    }

    @Test
    void appliedEntriesLeaveTheOutboxAndAreAppliedOnce() {
        database.append(order(1, "a"), order(2, "b"), OutboxEntry.delete(Aggregate.of("order", 3)));

        relays.start("copy", sink);

        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(sink.appliedByAggregate)
                .containsOnly(
                        java.util.Map.entry("1", List.of("a")),
                        java.util.Map.entry("2", List.of("b")),
                        java.util.Map.entry("3", List.of("deleted")));
    }

    @Test
    void failingEntryHoldsUpItsOwnAggregateOnly() {
        var broken = new AtomicBoolean(true);
        sink.behaviour = entry -> {
            if (broken.get() && RecordingSink.payload(entry).equals("bad")) {
                throw new IllegalArgumentException("cannot read this");
            }
            return ApplyResult.applied();
        };
        database.append(order(1, "a1"), order(2, "bad"), order(3, "c1"));
        relays.start("copy", sink);
        await().atMost(SOON).until(() -> database.hotEntries() == 0);

        database.append(order(2, "b2"), order(1, "a2"));

        await().atMost(SOON).until(() -> sink.applied(1).equals(List.of("a1", "a2")));
        assertThat(sink.applied(2)).isEmpty();
        assertThat(sink.applied(3)).containsExactly("c1");
        broken.set(false);
        await().atMost(SOON).until(() -> database.heldEntries() == 0 || isDead());
    }

    @Test
    void blockedEntriesFollowInOrderOnceTheFirstOneSucceeds() {
        var attempts = new AtomicInteger();
        sink.behaviour = entry -> {
            if (RecordingSink.payload(entry).equals("first") && attempts.incrementAndGet() < 3) {
                throw new IllegalStateException("not yet");
            }
            return ApplyResult.applied();
        };
        database.append(order(1, "first"));
        relays.start("copy", sink);
        await().atMost(SOON).until(() -> database.heldEntries() == 1);
        for (int i = 0; i < 45; i++) {
            database.append(order(1, "next" + i));
        }

        await().atMost(SOON).until(() -> database.hotEntries() == 0 && database.heldEntries() == 0);
        assertThat(sink.applied(1))
                .hasSize(46)
                .startsWith("first", "next0", "next1")
                .endsWith("next44");
    }

    @Test
    void entryIsDeadAfterItsLastAttemptAndSaysWhy() {
        sink.behaviour = entry -> {
            throw new IllegalArgumentException("cannot read this");
        };
        database.append(order(7, "x"));

        relays.start("copy", sink);

        await().atMost(SOON).until(this::isDead);
        var stuck = database.sql
                .sql("SELECT * FROM dualwrite.stuck_entries")
                .query()
                .singleRow();
        assertThat(stuck)
                .containsEntry("sink", "copy")
                .containsEntry("aggregate_type", "order")
                .containsEntry("aggregate_id", "7")
                .containsEntry("state", "dead")
                .containsEntry("attempts", 3)
                .containsEntry("error_class", "java.lang.IllegalArgumentException")
                .containsEntry("error_message", "cannot read this");
        assertThat(sink.callSizes).hasSize(3);
    }

    @Test
    void rejectedEntryIsDeadAtOnce() {
        sink.behaviour = entry -> ApplyResult.rejected("no such column");
        database.append(order(1, "x"));

        relays.start("copy", sink);

        await().atMost(SOON).until(this::isDead);
        assertThat(database.count("SELECT attempts FROM dualwrite.held_entry")).isEqualTo(1);
        assertThat(sink.callSizes).hasSize(1);
    }

    @Test
    void deferredEntryDoesNotSpendAnAttempt() {
        var calls = new AtomicInteger();
        sink.behaviour = entry ->
                calls.incrementAndGet() <= 5 ? ApplyResult.deferred(Duration.ofMillis(50)) : ApplyResult.applied();
        database.append(order(1, "x"));

        relays.start("copy", sink);

        await().atMost(SOON).until(() -> sink.applied(1).size() == 1);
        await().atMost(SOON).until(() -> database.heldEntries() == 0 && database.hotEntries() == 0);
    }

    @Test
    void storeFailureCostsNoAttemptAndTheDrainNeedsNoHand() {
        var down = new AtomicBoolean(true);
        sink.behaviour = entry -> {
            if (down.get()) {
                throw new IllegalStateException("apply failed", new ConnectException("refused"));
            }
            return ApplyResult.applied();
        };
        for (int i = 0; i < 20; i++) {
            database.append(order(i, "x"));
        }
        relays.start("copy", sink);
        await().atMost(SOON).until(() -> sink.callSizes.size() > 5);

        down.set(false);

        await().atMost(SOON).until(() -> sink.appliedCount() == 20 && database.hotEntries() == 0);
        assertThat(database.heldEntries()).isZero();
    }

    @Test
    void transactionThatCommitsLateWithASmallNumberIsNotSkipped() throws Exception {
        relays.start("copy", sink);
        try (Connection slow = database.begin()) {
            database.append(slow, order("slow", "late"));
            for (int i = 0; i < 30; i++) {
                database.append(order(i, "x"));
            }
            await().atMost(SOON).until(() -> sink.appliedCount() == 30 && database.hotEntries() == 0);
            // Long enough for several looks, each of which would move a floor that trusts the numbers alone.
            await().during(Duration.ofMillis(1500))
                    .atMost(SOON)
                    .until(() -> sink.applied("slow").isEmpty());

            slow.commit();
        }

        await().atMost(SOON).until(() -> sink.applied("slow").equals(List.of("late")));
    }

    @Test
    void lateCommitIsFoundThoughTheLastNumberDoesNotChangeAnyMore() throws Exception {
        relays.start("copy", sink);
        try (Connection slow = database.begin()) {
            database.append(slow, order("slow", "late"));
            await().during(Duration.ofMillis(500))
                    .atMost(SOON)
                    .until(() -> sink.applied("slow").isEmpty());

            slow.commit();
        }

        await().atMost(SOON).until(() -> sink.applied("slow").equals(List.of("late")));
    }

    @Test
    void floorReachesTheLastNumberSoThatAnIdleRelayClaimsNoMore() {
        relays.start("copy", sink);
        database.append(order(1, "a"), order(2, "b"), order(3, "c"));

        await().atMost(SOON)
                .until(() ->
                        database.count("SELECT min(floor) FROM dualwrite.lane") == 3 && database.hotEntries() == 0);
    }

    @Test
    void failedClaimIsNotReadAsAnEmptyOutbox() {
        relays.start("copy", sink);
        database.append(order(1, "a"));
        await().atMost(SOON).until(() -> sink.appliedCount() == 1 && database.hotEntries() == 0);
        database.sql.sql("ALTER TABLE dualwrite.outbox_entry RENAME TO gone").update();
        database.sql.sql("SELECT nextval('dualwrite.entry_sequence')").query().singleRow();
        await().during(Duration.ofMillis(1500)).atMost(SOON).until(() -> true);

        database.sql.sql("ALTER TABLE dualwrite.gone RENAME TO outbox_entry").update();
        database.append(order(1, "b"));

        await().atMost(SOON).until(() -> sink.applied(1).equals(List.of("a", "b")));
    }

    @Test
    void batchIsBoundedInBytes() {
        String big = "x".repeat(60_000);
        for (int i = 0; i < 12; i++) {
            database.append(order("same", big));
        }

        relays.start("copy", sink, new ClaimConfig(100, 150_000, Duration.ofMillis(50), 2));

        await().atMost(SOON).until(() -> sink.appliedCount() == 12);
        assertThat(sink.callSizes).allMatch(size -> size <= 3).hasSize(4);
    }

    @Test
    void callThatHangsIsInterruptedAndCountsAsAFailureOfTheStore() {
        var hang = new AtomicBoolean(true);
        sink.behaviour = entry -> {
            if (hang.get()) {
                new CountDownLatch(1).await();
            }
            return ApplyResult.applied();
        };
        database.append(order(1, "x"));
        relays.start("copy", sink);
        await().atMost(SOON).until(() -> sink.callSizes.size() >= 2);

        hang.set(false);

        await().atMost(SOON).until(() -> sink.applied(1).equals(List.of("x")) && database.hotEntries() == 0);
        assertThat(database.heldEntries()).isZero();
    }

    @Test
    void callThatIgnoresItsInterruptIsNotJoinedByASecondOneForTheSameLane() {
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        var release = new CountDownLatch(1);
        sink.behaviour = entry -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            RecordingSink.awaitUninterruptibly(release);
            inside.decrementAndGet();
            return ApplyResult.applied();
        };
        database.append(order(1, "x"));
        Relay relay = relays.start("copy", sink);
        await().atMost(SOON).until(() -> inside.get() == 1);

        await().atMost(SOON).until(() -> relay.status().lanesHeld() == OutboxDatabase.SHARDS - 1);
        await().during(Relays.LEASE).atMost(SOON).until(() -> most.get() == 1);

        release.countDown();
        await().atMost(SOON).until(() -> database.hotEntries() == 0);
    }

    @Test
    void errorThatOnePayloadProvokesHoldsThatEntryOnly() {
        sink.behaviour = entry -> {
            if (RecordingSink.payload(entry).equals("deep")) {
                throw new StackOverflowError();
            }
            return ApplyResult.applied();
        };
        database.append(order(1, "deep"), order(2, "b"), order(3, "c"));

        relays.start("copy", sink);

        await().atMost(SOON).until(this::isDead);
        assertThat(sink.appliedCount()).isEqualTo(2);
    }

    @Test
    void heldEntriesAreTriedAgainWhileTheirLaneHasABacklog() {
        var attempts = new AtomicInteger();
        sink.behaviour = entry -> {
            if (RecordingSink.payload(entry).equals("first") && attempts.incrementAndGet() == 1) {
                throw new IllegalStateException("not yet");
            }
            return ApplyResult.applied();
        };
        Aggregate first = Aggregate.of("order", "first");
        List<OutboxEntry> sameLane = IntStream.range(0, 100_000)
                .mapToObj(i -> Aggregate.of("order", i))
                .filter(a -> a.shard(OutboxDatabase.SHARDS) == first.shard(OutboxDatabase.SHARDS))
                .limit(15_000)
                .map(a -> OutboxEntry.upsert(a, "x"))
                .toList();
        database.append(OutboxEntry.upsert(first, "first"));
        database.append(sameLane.toArray(OutboxEntry[]::new));

        relays.start("copy", sink, new ClaimConfig(10, 1_000_000, Duration.ofMillis(50), 1));

        await().atMost(SOON).until(() -> sink.applied("first").equals(List.of("first")));
        assertThat(database.hotEntries()).isPositive();
    }

    @Test
    void entryForTwoSinksIsAppliedToEachAtItsOwnPace() {
        try (var two = new OutboxDatabase("fast", "broken");
                var both = new Relays(two)) {
            var fast = new RecordingSink();
            var broken = new RecordingSink();
            broken.behaviour = entry -> {
                throw new ConnectException("refused");
            };
            two.append(order(1, "x"));

            both.start("fast", fast);
            both.start("broken", broken);

            await().atMost(SOON).until(() -> fast.applied(1).equals(List.of("x")));
            await().atMost(SOON).until(() -> two.hotEntries() == 1);
            assertThat(two.sql
                            .sql("SELECT s.name FROM dualwrite.outbox_entry e JOIN dualwrite.sink s USING (sink_id)")
                            .query(String.class)
                            .single())
                    .isEqualTo("broken");
        }
    }

    @Test
    void slowSinkDoesNotHoldUpAnotherOneOfTheSameRelay() {
        try (var two = new OutboxDatabase("fast", "slow");
                var both = new Relays(two)) {
            var release = new CountDownLatch(1);
            var fast = new RecordingSink();
            var slow = new RecordingSink();
            slow.behaviour = entry -> {
                release.await();
                return ApplyResult.applied();
            };
            for (int i = 0; i < 200; i++) {
                two.append(order(i, "x"));
            }

            both.start(
                    List.of(both.configured("fast", fast), both.configured("slow", slow)),
                    new ClaimConfig(10, 1_000_000, Duration.ofMillis(50), 2));

            await().atMost(SOON).until(() -> fast.appliedCount() == 200);
            assertThat(slow.appliedCount()).isZero();
            release.countDown();
            await().atMost(SOON).until(() -> two.hotEntries() == 0);
        }
    }

    private boolean isDead() {
        return database.count("SELECT count(*) FROM dualwrite.stuck_entries WHERE state = 'dead'") == 1;
    }
}
