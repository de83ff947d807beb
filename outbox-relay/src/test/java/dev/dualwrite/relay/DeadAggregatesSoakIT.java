package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.apply.ClaimConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What dead aggregates cost the others in time: entries a second of a drain with none, one and a thousand of them among a hundred
 * thousand aggregates, in turns, medians of five. Not a part of the build: machines are shared and noisy.
 */
@EnabledIfSystemProperty(named = "dualwrite.soak", matches = "true", disabledReason = "takes minutes; run with -Psoak")
class DeadAggregatesSoakIT {

    private static final Duration LATER = Duration.ofMinutes(3);
    private static final ClaimConfig CLAIMS = new ClaimConfig(1000, 8_000_000, Duration.ofMillis(100), 4);
    private static final int AGGREGATES = 100_000;
    private static final int ENTRIES = 4 * AGGREGATES;
    private static final int ROUNDS = 5;

    @Test
    void throughputOfTheOthersIsAtLeastNineTenths() {
        Map<Integer, List<Double>> rates = new TreeMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (int dead : List.of(0, 1, 1000)) {
                rates.computeIfAbsent(dead, d -> new ArrayList<>()).add(rate(dead));
            }
        }
        double healthy = median(rates.get(0));
        for (int dead : List.of(0, 1, 1000)) {
            double median = median(rates.get(dead));
            System.out.printf(
                    "dead aggregates %4d: %6.0f entries/s, ratio %.2f, rounds %s%n",
                    dead, median, median / healthy, rates.get(dead));
            assertThat(median / healthy).as("%d dead", dead).isGreaterThanOrEqualTo(0.9);
        }
    }

    private static double rate(int dead) {
        try (var database = new OutboxDatabase("copy");
                var relays = new Relays(database)) {
            var sink = new RecordingSink();
            sink.keepsEveryEntry = false;
            sink.behaviour = entry ->
                    RecordingSink.payload(entry).equals("bad") ? ApplyResult.rejected("bad") : ApplyResult.applied();
            database.append(
                    IntStream.range(0, dead).mapToObj(i -> order(i * 7, "bad")).toArray(OutboxEntry[]::new));
            relays.start("copy", sink, CLAIMS);
            await().atMost(LATER).until(() -> database.heldEntries() == dead && database.hotEntries() == 0);
            relays.close();
            // Every aggregate changes four times; those that are dead stay so, and are tried again.
            for (int from = 0; from < ENTRIES; from += 10_000) {
                database.append(IntStream.range(from, from + 10_000)
                        .map(i -> i % AGGREGATES)
                        .mapToObj(i -> order(i, i % 7 == 0 && i / 7 < dead ? "bad" : "x".repeat(300)))
                        .toArray(OutboxEntry[]::new));
            }

            Relay relay = relays.start("copy", sink, CLAIMS);
            // Not the take-over of the lanes, and not the first batches.
            awaitDone(relay, ENTRIES / 10);
            long begin = System.nanoTime();
            long first = done(relay);
            awaitDone(relay, (ENTRIES - 4 * dead) * 95 / 100);
            return (done(relay) - first) / ((System.nanoTime() - begin) / 1e9);
        }
    }

    private static void awaitDone(Relay relay, int entries) {
        await().pollInterval(Duration.ofMillis(2)).atMost(LATER).until(() -> done(relay) >= entries);
    }

    private static long done(Relay relay) {
        return relay.status().applied() + relay.status().coalesced();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }
}
