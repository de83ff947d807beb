package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.relay.apply.ClaimConfig;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a relay asks of the primary, counted. */
class StatementsIT {

    private static final int SHARDS = 16;
    private static final int BATCH = 1000;

    // It looks by itself only before the tests begin: everything else is because of a commit.
    private static final ClaimConfig WOKEN_ONLY = new ClaimConfig(BATCH, 8_000_000, Duration.ofHours(1), 4);

    private final OutboxDatabase database = new OutboxDatabase(SHARDS, 12, "copy");
    private final CountedPrimary primary = new CountedPrimary(database.dataSource());
    private final Relays relays = new Relays(database, primary);
    private final RecordingSink sink = new RecordingSink();

    @BeforeEach
    void takeFullState() {
        sink.keepsEveryEntry = false;
    }

    @AfterEach
    void close() {
        relays.close();
        database.close();
    }

    @Test
    void entryOfARelayAtRestCostsOnePollOneClaimAndOneSettle() {
        Relay relay = relays.start("copy", sink, WOKEN_ONLY);
        // More than one, so that what the first of a relay start costs is over.
        for (int i = 1; i <= 3; i++) {
            int applied = i;
            await().until(() -> relay.status().lanesHeld() == SHARDS && primary.isAtRest());
            primary.reset();
            database.append(order(i, "{}"));
            relay.wake();
            await().until(() -> relay.status().applied() == applied && database.hotEntries() == 0);
        }

        await().until(primary::isAtRest);
        assertThat(primary.polls()).as("polls").isEqualTo(1);
        assertThat(primary.claims()).as("claims").isEqualTo(1);
        assertThat(primary.settles()).as("settles").isEqualTo(1);
    }

    @Test
    void backlogCostsAtMostAStatementForAHundredEntries() {
        int entries = 40 * BATCH;
        database.append(
                IntStream.range(0, entries).mapToObj(i -> order(i, "{}")).toArray(OutboxEntry[]::new));

        Relay relay = relays.start("copy", sink, new ClaimConfig(BATCH, 8_000_000, Duration.ofMillis(500), 4));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> relay.status().applied() == entries && database.hotEntries() == 0);

        assertThat(primary.all()).as("statements on the primary").isLessThanOrEqualTo(entries / 100);
    }
}
