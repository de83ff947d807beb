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
import dev.dualwrite.relay.retry.Backoff;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a relay looks at which lanes, and how many of them it lets begin. */
class LookIT {

    private static final int SHARDS = 16;
    private static final Duration LATER = Duration.ofSeconds(30);

    private final OutboxDatabase database = new OutboxDatabase(SHARDS, 12, "copy");
    private final Relays relays = new Relays(database);
    private final RecordingSink sink = new RecordingSink();

    @AfterEach
    void close() {
        relays.close();
        database.close();
    }

    @Test
    void entryThatNobodyToldOfIsFoundWhileAnotherLaneIsPolledForAllTheTime() {
        var told = new CountDownLatch(1);
        // The lane of "busy" comes to rest after each entry: the relay polls far more often than its interval asks for.
        sink.behaviour = entry -> {
            if (entry.aggregate().id().equals("busy")) {
                told.await(5, TimeUnit.MILLISECONDS);
            }
            return ApplyResult.applied();
        };
        Relay relay = relays.start("copy", sink, new ClaimConfig(1, 1_000_000, Duration.ofMillis(300), 2));
        await().until(() -> relay.status().lanesHeld() == SHARDS);
        database.append(
                IntStream.range(0, 20_000).mapToObj(i -> order("busy", "" + i)).toArray(OutboxEntry[]::new));
        relay.wake();
        await().until(() -> relay.status().applied() > 10);

        database.append(order(inAnotherLane(), "x"));

        await().atMost(LATER).until(() -> sink.appliedByAggregate.size() == 2);
        assertThat(database.hotEntries())
                .as("entries of the busy lane that are left")
                .isPositive();
    }

    private static String inAnotherLane() {
        int busy = Aggregate.of("order", "busy").shard(SHARDS);
        return Stream.iterate(0, i -> i + 1)
                .map(i -> "quiet-" + i)
                .filter(id -> Aggregate.of("order", id).shard(SHARDS) != busy)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void storeThatIsDownIsNotCalledForEveryLane() {
        sink.behaviour = entry -> {
            throw new ConnectException("refused");
        };
        int threads = 1;
        int mostAtOnce = 2 * threads;
        ConfiguredSink configured = relays.configured("copy", sink);
        var patient = new ConfiguredSink(
                configured.name(),
                configured.id(),
                sink,
                new RetryPolicy(3, new Backoff(Duration.ofMinutes(1), Duration.ofMinutes(2)), Duration.ofMinutes(5)),
                configured.timeout());
        Relay relay = relays.start(List.of(patient), new ClaimConfig(100, 1_000_000, Duration.ofMillis(50), threads));
        await().until(() -> relay.status().lanesHeld() == SHARDS);

        database.append(IntStream.range(0, 60).mapToObj(i -> order(i, "x")).toArray(OutboxEntry[]::new));
        relay.wake();

        await().until(() -> !relay.status().tripped().isEmpty());
        await().during(Duration.ofMillis(500)).atMost(LATER).until(() -> sink.callSizes.size() <= mostAtOnce);
        assertThat(database.hotEntries()).isEqualTo(60);
    }
}
