package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.apply.ClaimConfig;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What dead aggregates cost the others, in calls of the sink. In time: {@code DeadAggregatesSoakIT}. */
class DeadAggregatesIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final ClaimConfig CLAIMS = new ClaimConfig(500, 8_000_000, Duration.ofMillis(50), 2);
    private static final int ENTRIES = 20_000;

    @Test
    void aThousandDeadAggregatesCostTheOthersNoFurtherCalls() {
        int healthy = callsFor(0);

        assertThat(callsFor(1)).isLessThanOrEqualTo(healthy * 11 / 10 + 2);
        assertThat(callsFor(1000)).isLessThanOrEqualTo(healthy * 11 / 10 + 2);
    }

    private static int callsFor(int dead) {
        try (var database = new OutboxDatabase("copy");
                var relays = new Relays(database)) {
            var sink = new RecordingSink();
            sink.keepsEveryEntry = false;
            sink.behaviour = entry ->
                    RecordingSink.payload(entry).equals("bad") ? ApplyResult.rejected("bad") : ApplyResult.applied();
            database.append(IntStream.range(0, dead)
                    .mapToObj(i -> order("dead" + i, "bad"))
                    .toArray(OutboxEntry[]::new));
            relays.start("copy", sink, CLAIMS);
            await().atMost(SOON).until(() -> database.heldEntries() == dead && database.hotEntries() == 0);
            relays.close();
            sink.callSizes.clear();
            database.append(
                    IntStream.range(0, ENTRIES).mapToObj(i -> order(i, "x")).toArray(OutboxEntry[]::new));

            relays.start("copy", sink, CLAIMS);

            await().atMost(SOON).until(() -> database.hotEntries() == 0);
            assertThat(database.heldEntries()).isEqualTo(dead);
            return sink.callSizes.size();
        }
    }
}
