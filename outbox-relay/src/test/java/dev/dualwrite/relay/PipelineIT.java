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
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Claim, apply and settle of one lane overlap; what must be true of it all the same. */
class PipelineIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final ClaimConfig SMALL = new ClaimConfig(10, 1_000_000, Duration.ofMillis(50), 2);

    private OutboxDatabase database;
    private WatchedPrimary primary;
    private Relays relays;
    private final RecordingSink sink = new RecordingSink();

    @BeforeEach
    void open() {
        database = new OutboxDatabase("copy");
        primary = new WatchedPrimary(database.dataSource());
        relays = new Relays(database, primary);
        // Claims are made ahead for such sinks only.
        sink.keepsEveryEntry = false;
    }

    @AfterEach
    void close() {
        relays.close();
        database.close();
    }

    @Test
    void nextBatchIsClaimedWhileTheOneBeforeIsAtTheSink() throws Exception {
        var inside = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        sink.behaviour = entry -> {
            inside.countDown();
            release.await();
            return ApplyResult.applied();
        };
        append(OneLane.orders(20));
        start(SMALL);
        inside.await();
        primary.awaitRound();

        // Now nobody can claim any more. (Nor settle: that is tried again.)
        database.sql.sql("ALTER TABLE dualwrite.outbox_entry RENAME TO gone").update();
        release.countDown();

        await().atMost(SOON).until(() -> sink.appliedCount() == 20);
        database.sql.sql("ALTER TABLE dualwrite.gone RENAME TO outbox_entry").update();
        await().atMost(SOON).until(() -> database.hotEntries() == 0);
    }

    @Test
    void appliesOfALaneNeverOverlapAndKeepTheOrderWhateverFails() {
        long seed = Long.getLong("dualwrite.seed", System.nanoTime());
        var random = new Random(seed);
        var inside = new AtomicInteger();
        var overlapped = new AtomicBoolean();
        sink.behaviour = entry -> {
            overlapped.compareAndSet(false, inside.incrementAndGet() > 1);
            try {
                if (random.nextInt(60) == 0) {
                    throw new IllegalStateException("this attempt fails");
                }
                if (random.nextInt(100) == 0) {
                    throw new ConnectException("the store does not work just now");
                }
                return ApplyResult.applied();
            } finally {
                inside.decrementAndGet();
            }
        };
        List<Aggregate> orders = OneLane.orders(7);
        for (int i = 0; i < 60; i++) {
            int from = i * 10;
            database.append(IntStream.range(from, from + 10)
                    .mapToObj(n -> OutboxEntry.upsert(orders.get(n % 7), n))
                    .toArray(OutboxEntry[]::new));
        }

        start(SMALL);

        await().atMost(SOON).until(() -> database.hotEntries() == 0 && database.heldEntries() == 0);
        assertThat(overlapped).as("seed %d", seed).isFalse();
        for (Aggregate order : orders) {
            List<Integer> applied =
                    sink.applied(order.id()).stream().map(Integer::valueOf).toList();
            assertThat(applied).as("order %s, seed %d", order.id(), seed).isSorted();
            assertThat(applied)
                    .as("the last one of order %s", order.id())
                    .last()
                    .isEqualTo(lastOf(orders, order));
        }
    }

    @Test
    void entryBehindOneThatFailedInTheBatchBeforeIsNotAppliedAheadOfIt() {
        Aggregate order = OneLane.orders(1).get(0);
        var failed = new AtomicBoolean();
        // So the next batch is claimed before this one fails, and knows nothing of it.
        sink.beginning = call -> primary.awaitRound();
        sink.behaviour = entry -> {
            if (RecordingSink.payload(entry).equals("first") && !failed.get()) {
                // With others it is not known whose failure it is; alone it is its own, once.
                failed.set(sink.callSizes.get(sink.callSizes.size() - 1) == 1);
                throw new IllegalStateException("once");
            }
            return ApplyResult.applied();
        };
        // The first one in one batch, the second in the next, which is claimed ahead.
        database.append(OutboxEntry.upsert(order, "first"));
        append(OneLane.orders(15).subList(1, 15));
        database.append(OutboxEntry.upsert(order, "second"));

        start(SMALL);

        await().atMost(SOON).until(() -> database.hotEntries() == 0 && database.heldEntries() == 0);
        assertThat(sink.applied(order.id()))
                .as("the second, which superseded the first")
                .containsExactly("second");
    }

    @Test
    void entryBehindALateCommitOfItsAggregateDoesNotGoFirstWhereEachCounts() throws Exception {
        sink.keepsEveryEntry = true;
        Aggregate late = OneLane.orders(1).get(0);
        try (Connection slow = database.begin()) {
            database.append(slow, OutboxEntry.upsert(late, "first"));
            append(OneLane.orders(21).subList(1, 21));
            sink.beginning = call -> {
                if (call == 1) {
                    slow.commit();
                    database.append(OutboxEntry.upsert(late, "second"));
                } else if (call == 2) {
                    // What could be claimed behind this batch, is.
                    primary.awaitRound();
                }
            };

            start(SMALL);

            await().atMost(SOON).until(() -> sink.applied(late.id()).size() == 2);
        }
        assertThat(sink.applied(late.id())).containsExactly("first", "second");
    }

    @Test
    void batchBehindOneThatCouldNotBeSettledIsNotTheLastWord() throws Exception {
        Aggregate order = OneLane.orders(1).get(0);
        var never = new CountDownLatch(1);
        sink.behaviour = entry -> {
            if (RecordingSink.payload(entry).equals("first")) {
                // Long enough for the next batch to be claimed.
                never.await(300, TimeUnit.MILLISECONDS);
            }
            if (RecordingSink.payload(entry).equals("second")) {
                never.await(500, TimeUnit.MILLISECONDS);
            }
            return ApplyResult.applied();
        };
        database.append(OutboxEntry.upsert(order, "first"));
        append(OneLane.orders(15).subList(1, 15));
        database.append(OutboxEntry.upsert(order, "second"));
        // The settle of the first batch fails while the second one is at the sink.
        database.sql.sql("""
                        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
                        BEGIN
                            IF nextval('settles') = 1 THEN
                                RAISE EXCEPTION 'once';
                            END IF;
                            RETURN NULL;
                        END
                        $$""").update();
        database.sql.sql("CREATE SEQUENCE settles").update();
        database.sql
                .sql("CREATE TRIGGER fail BEFORE DELETE ON dualwrite.outbox_entry"
                        + " FOR EACH STATEMENT EXECUTE FUNCTION fail()")
                .update();

        start(SMALL);

        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(sink.applied(order.id())).startsWith("first").endsWith("second");
        assertThat(sink.applied(order.id()).lastIndexOf("first"))
                .isLessThan(sink.applied(order.id()).lastIndexOf("second"));
    }

    @Test
    void batchBehindOneThatHasToBeMadeSmallerIsNotAppliedAheadOfItsRest() {
        sink.beginning = call -> {
            primary.awaitRound();
            if (call <= 2) {
                throw new TimeoutException("too much at once");
            }
        };
        List<Aggregate> orders = OneLane.orders(20);
        append(orders, "first");
        append(orders.subList(10, 20), "second");

        start(SMALL);

        // Sent: ten, five, two, four, and so on; the batch behind the ten was claimed, and none of it may go before its
        // turn.
        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(sink.callSizes).startsWith(10, 5, 2, 4);
        assertThat(orders.subList(10, 20))
                .allSatisfy(order -> assertThat(sink.applied(order.id())).containsExactly("first", "second"));
    }

    @Test
    void lateCommitWithASmallNumberIsFoundUnderAnEndlessBacklog() throws Exception {
        var busy = new CountDownLatch(3);
        // Claims ahead would never end by themselves: each is there before the sink is done.
        sink.beginning = call -> {
            primary.awaitRound();
            busy.countDown();
        };
        Aggregate late = OneLane.orders(1).get(0);
        try (Connection slow = database.begin()) {
            database.append(slow, OutboxEntry.upsert(late, "late"));
            for (int i = 0; i < 100; i++) {
                append(OneLane.orders(40).subList(1, 40), "x");
            }
            start(SMALL);
            busy.await();

            // Before it is old enough to be left out, which would be another way to it.
            slow.commit();
        }

        await().atMost(Duration.ofSeconds(5))
                .until(() -> sink.applied(late.id()).equals(List.of("late")));
        assertThat(database.hotEntries()).as("the backlog").isPositive();
    }

    @Test
    void longTransactionDoesNotMakeClaimsReadWhatIsSettledAgainAndAgain() throws Exception {
        start(new ClaimConfig(1000, 1_000_000, Duration.ofMillis(50), 2));
        try (Connection slow = database.begin()) {
            database.append(slow, order("slow", "late"));
            for (int i = 0; i < 20; i++) {
                append(IntStream.range(0, 500)
                        .mapToObj(n -> Aggregate.of("order", n))
                        .toList());
            }
            await().atMost(SOON).until(() -> database.hotEntries() == 0);
            // Two looks: one that leaves the transaction out, one that proves that the others have ended.
            await().pollDelay(Duration.ofSeconds(2)).atMost(SOON).until(() -> true);
            primary.awaitRound();
            database.append(order(1, "x"));
            await().atMost(SOON).until(() -> database.hotEntries() == 0);
            long before = indexEntriesRead();

            for (int i = 0; i < 20; i++) {
                database.append(order(1, "y" + i));
                await().atMost(SOON).until(() -> database.hotEntries() == 0);
            }

            assertThat(indexEntriesRead() - before).isLessThan(10_000);
            slow.commit();
        }
        await().atMost(SOON).until(() -> sink.applied("slow").equals(List.of("late")));
    }

    /** Of the hot table's index, dead ones included. */
    private long indexEntriesRead() {
        // A session may keep what it has read to itself for ten seconds, but not beyond its end.
        database.endSessions();
        return database.count("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'outbox_entry_pkey'");
    }

    private static int lastOf(List<Aggregate> orders, Aggregate order) {
        return IntStream.range(600 - orders.size(), 600)
                .filter(n -> orders.get(n % orders.size()).equals(order))
                .findFirst()
                .orElseThrow();
    }

    private void start(ClaimConfig claims) {
        relays.start(List.of(relays.configured("copy", sink, Relays.PATIENT)), claims);
    }

    private void append(List<Aggregate> aggregates) {
        append(aggregates, "x");
    }

    private void append(List<Aggregate> aggregates, String payload) {
        database.append(
                aggregates.stream().map(a -> OutboxEntry.upsert(a, payload)).toArray(OutboxEntry[]::new));
    }
}
