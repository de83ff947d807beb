package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.apply.ClaimConfig;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where an entry is its aggregate's whole state, a newer one stands for the older ones. */
class FullStateIT {

    private static final Duration SOON = Duration.ofSeconds(15);

    private OutboxDatabase database;
    private Relays relays;
    private final RecordingSink sink = new RecordingSink();

    @BeforeEach
    void open() {
        database = new OutboxDatabase("copy");
        relays = new Relays(database);
        sink.keepsEveryEntry = false;
    }

    @AfterEach
    void close() {
        relays.close();
        database.close();
    }

    @Test
    void oneHotAggregateCostsOneWriteABatchAndDoesNotStarveOthers() {
        Aggregate hot = Aggregate.of("order", "hot");
        database.append(IntStream.range(0, 3000)
                .mapToObj(i -> OutboxEntry.upsert(hot, "v" + i))
                .toArray(OutboxEntry[]::new));
        database.append(order("other", "x"));

        Relay relay = relays.start("copy", sink, new ClaimConfig(1000, 1_000_000, Duration.ofMillis(50), 2));

        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(sink.applied("hot")).hasSizeLessThanOrEqualTo(5).endsWith("v2999");
        assertThat(sink.applied("other")).containsExactly("x");
        await().atMost(SOON)
                .until(() -> relay.status().applied() + relay.status().coalesced() == 3001);
    }

    @Test
    void deletionThatIsNewestStandsForTheUpsertsBeforeIt() {
        database.append(order(1, "a"), order(1, "b"), OutboxEntry.delete(Aggregate.of("order", 1)));

        relays.start("copy", sink);

        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        assertThat(sink.applied(1)).containsExactly("deleted");
    }

    @Test
    void newerStateIsTriedBehindADeadOneAndSupersedesIt() {
        sink.behaviour = entry -> RecordingSink.payload(entry).startsWith("bad")
                ? ApplyResult.rejected("no such column")
                : ApplyResult.applied();
        database.append(order(1, "bad"));
        relays.start("copy", sink);
        await().atMost(SOON).until(() -> dead() == 1);
        database.append(order(1, "bad again"));
        await().atMost(SOON).until(() -> dead() == 2);

        database.append(order(1, "good"));

        await().atMost(SOON).until(() -> database.heldEntries() == 0 && database.hotEntries() == 0);
        assertThat(sink.applied(1)).containsExactly("good");
    }

    @Test
    void olderStateIsAppliedWhenTheNewestCannotBe() {
        sink.behaviour = entry -> RecordingSink.payload(entry).equals("bad")
                ? ApplyResult.rejected("no such column")
                : ApplyResult.applied();
        database.append(order(1, "a"), order(1, "b"), order(1, "bad"));

        relays.start("copy", sink);

        await().atMost(SOON).until(() -> dead() == 1 && database.hotEntries() == 0);
        assertThat(sink.applied(1)).isEqualTo(List.of("b"));
        assertThat(database.heldEntries()).isEqualTo(1);
    }

    @Test
    void nothingIsTriedBehindADeadEntryWhereEveryEntryCounts() {
        sink.keepsEveryEntry = true;
        sink.behaviour =
                entry -> RecordingSink.payload(entry).equals("bad") ? ApplyResult.rejected("x") : ApplyResult.applied();
        database.append(order(1, "bad"));
        relays.start("copy", sink);
        await().atMost(SOON).until(() -> dead() == 1);

        database.append(order(1, "good"));

        await().atMost(SOON).until(() -> database.heldEntries() == 2);
        await().during(Duration.ofSeconds(1))
                .atMost(SOON)
                .until(() -> sink.applied(1).isEmpty());
    }

    private long dead() {
        return database.count("SELECT count(*) FROM dualwrite.held_entry WHERE state = 'dead'");
    }
}
