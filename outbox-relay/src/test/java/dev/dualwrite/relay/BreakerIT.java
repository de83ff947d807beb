package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.apply.ConfiguredSink;
import dev.dualwrite.relay.apply.RetryPolicy;
import dev.dualwrite.relay.internal.LoggedEvents;
import dev.dualwrite.relay.retry.Backoff;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store that does not work, and one that does not work for one entry only. */
class BreakerIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration LATER = Duration.ofSeconds(60);

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
    void oneLaneAtATimeTriesASinkThatWasDown() {
        var down = new AtomicBoolean(true);
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        sink.beginning = call -> {
            if (down.get()) {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                try {
                    // Long enough for another to come in beside it.
                    new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
                } finally {
                    inside.decrementAndGet();
                }
                throw new ConnectException("refused");
            }
        };
        for (int i = 0; i < 40; i++) {
            database.append(order(i, "x"));
        }
        Relay relay = relays.start("copy", sink, new ClaimConfig(100, 1_000_000, Duration.ofMillis(20), 4));
        await().atMost(SOON).until(() -> !relay.status().tripped().isEmpty());
        // All four lanes may have been under way when the first one failed.
        await().atMost(SOON).until(() -> inside.get() == 0);
        most.set(0);
        int callsBefore = sink.callSizes.size();

        await().atMost(SOON).until(() -> sink.callSizes.size() >= callsBefore + 8);

        assertThat(most.get()).isEqualTo(1);
        assertThat(relay.status().tripped()).containsKey("copy").containsValue("java.net.ConnectException: refused");
        down.set(false);
        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(relay.status().tripped()).isEmpty();
        assertThat(database.heldEntries()).isZero();
    }

    @Test
    void batchThatIsTooLargeForTheTimeoutIsMadeSmallerUntilItFits() {
        sink.behaviour = entry -> {
            new CountDownLatch(1).await(25, TimeUnit.MILLISECONDS);
            return ApplyResult.applied();
        };
        // A hundred of them need two and a half seconds, the timeout is one.
        database.append(OneLane.orders(100).stream()
                .map(a -> OutboxEntry.upsert(a, "x"))
                .toArray(OutboxEntry[]::new));

        relays.start("copy", sink);

        await().atMost(SOON).until(() -> sink.appliedCount() >= 100 && database.hotEntries() == 0);
        assertThat(database.heldEntries()).isZero();
    }

    @Test
    void entryThatAlwaysTimesOutIsSetAsideWhileTheStoreWorksForOthers() {
        var slow = OneLane.orders(1).get(0);
        sink.behaviour = entry -> {
            if (entry.aggregate().equals(slow)) {
                new CountDownLatch(1).await();
            }
            return ApplyResult.applied();
        };
        database.append(
                OneLane.orders(30).stream().map(a -> OutboxEntry.upsert(a, "x")).toArray(OutboxEntry[]::new));

        relays.start("copy", sink);

        await().atMost(LATER).until(() -> sink.appliedCount() == 29 && database.hotEntries() == 0);
        var fresh = new AtomicInteger();
        await().atMost(LATER).until(() -> {
            database.append(order("fresh" + fresh.incrementAndGet(), "x"));
            return database.count("SELECT count(*) FROM dualwrite.held_entry WHERE state = 'dead'") == 1;
        });
        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(sink.appliedCount()).isEqualTo(29 + fresh.get());
        assertThat(database.heldEntries()).isEqualTo(1);
        assertThat(database.sql
                        .sql("SELECT aggregate_id FROM dualwrite.held_entry")
                        .query(String.class)
                        .single())
                .isEqualTo(slow.id());
    }

    @Test
    void heldEntriesThatTakeTooLongTogetherAreTriedOneByOneUntilEachIsDead() {
        List<Aggregate> slow = OneLane.orders(3);
        var hang = new AtomicBoolean();
        sink.behaviour = entry -> {
            if (!slow.contains(entry.aggregate())) {
                return ApplyResult.applied();
            }
            if (hang.get()) {
                new CountDownLatch(1).await();
            }
            return ApplyResult.deferred(Duration.ofMillis(100));
        };
        database.append(slow.stream().map(a -> OutboxEntry.upsert(a, "x")).toArray(OutboxEntry[]::new));
        var twoAttempts =
                new RetryPolicy(2, new Backoff(Duration.ofMillis(100), Duration.ofMillis(400)), Duration.ofSeconds(5));
        relays.start(
                List.of(new ConfiguredSink("copy", database.sinkId("copy"), sink, twoAttempts, Duration.ofMillis(300))),
                new ClaimConfig(100, 1_000_000, Duration.ofMillis(50), 2));
        await().atMost(SOON).until(() -> database.heldEntries() == 3);

        hang.set(true);

        var fresh = new AtomicInteger();
        await().atMost(SOON).until(() -> {
            database.append(order("fresh" + fresh.incrementAndGet(), "x"));
            return database.count("SELECT count(*) FROM dualwrite.held_entry WHERE state = 'dead'") == 3;
        });
        await().atMost(SOON).until(() -> sink.appliedCount() == fresh.get());
    }

    @Test
    void sinkThatHangsForEverybodyCostsNoAttempt() {
        var hang = new AtomicBoolean(true);
        sink.behaviour = entry -> {
            if (hang.get()) {
                new CountDownLatch(1).await();
            }
            return ApplyResult.applied();
        };
        database.append(IntStream.range(0, 20)
                .mapToObj(i -> OutboxEntry.upsert(Aggregate.of("order", i), "x"))
                .toArray(OutboxEntry[]::new));
        relays.start("copy", sink);
        await().atMost(LATER).until(() -> sink.callSizes.size() > 12);
        assertThat(database.heldEntries()).isZero();

        hang.set(false);

        await().atMost(LATER).until(() -> database.hotEntries() == 0);
        assertThat(sink.appliedCount()).isEqualTo(20);
    }

    @Test
    void pausedSinkIsNotCalledUntilItIsResumed() {
        relays.start("copy", sink);
        database.append(order(1, "a"));
        await().atMost(SOON).until(() -> sink.appliedCount() == 1);
        try (var logged = new LoggedEvents()) {
            person("paused_at = now(), paused_by = 'me', paused_reason = 'maintenance'");
            await().atMost(SOON).until(() -> logged.of("sink_paused").size() == 1);
        }

        database.append(order(1, "b"));

        await().during(Duration.ofSeconds(1)).atMost(SOON).until(() -> sink.appliedCount() == 1);
        person("paused_at = NULL, paused_by = NULL, paused_reason = NULL");
        await().atMost(SOON).until(() -> sink.appliedCount() == 2);
    }

    private void person(String change) {
        database.sql
                .sql("WITH s AS (UPDATE dualwrite.sink SET " + change
                        + ") UPDATE dualwrite.control SET version = version + 1")
                .update();
    }
}
