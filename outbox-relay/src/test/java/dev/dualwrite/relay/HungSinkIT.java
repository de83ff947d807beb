package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.apply.ClaimConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A sink whose calls ignore their interrupt: the relay loses what it cannot serve, and goes on with the rest. */
class HungSinkIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final ClaimConfig ONE_WORKER = new ClaimConfig(10, 1_000_000, Duration.ofMillis(50), 1);

    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger calls = new AtomicInteger();
    private final RecordingSink hung = new RecordingSink();
    private final OutboxDatabase database = new OutboxDatabase("copy", "other");
    private final Relays relays = new Relays(database);

    @BeforeEach
    void hang() {
        hung.behaviour = entry -> {
            calls.incrementAndGet();
            RecordingSink.awaitUninterruptibly(release);
            return ApplyResult.applied();
        };
    }

    @AfterEach
    void close() {
        release.countDown();
        relays.close();
        database.close();
    }

    @Test
    void lanesThatWaitForThreadsThatAllHangGoToAnotherRelayToo() {
        var other = new RecordingSink();
        Relay first =
                relays.start(List.of(relays.configured("copy", hung), relays.configured("other", other)), ONE_WORKER);
        await().atMost(SOON).until(() -> first.status().lanesHeld() == 2 * OutboxDatabase.SHARDS);
        append("copy", 40);
        await().atMost(SOON).until(() -> calls.get() == 1);

        var well = new RecordingSink();
        Relay second = relays.start("copy", well);

        await().atMost(SOON).until(() -> second.status().lanesHeld() == OutboxDatabase.SHARDS);
        await().atMost(SOON).until(() -> well.appliedCount() == 40 && database.hotEntries() == 0);
        assertThat(calls.get()).isEqualTo(1);
        // The other sink of the relay never noticed.
        append("other", 10);
        await().atMost(SOON).until(() -> other.appliedCount() == 10);
        await().atMost(SOON).until(() -> first.status().lanesHeld() == OutboxDatabase.SHARDS);
        assertThat(database.count(
                        "SELECT max(fencing_token) FROM dualwrite.lane WHERE sink_id = " + database.sinkId("other")))
                .isEqualTo(1);
    }

    @Test
    void relayTakesItsShareAgainOnceTheCallsHaveComeBack() {
        Relay only = relays.start("copy", hung, ONE_WORKER);
        append("copy", 40);
        await().atMost(SOON).until(() -> calls.get() == 1);
        await().atMost(SOON).until(() -> only.status().lanesHeld() == 0);

        release.countDown();

        await().atMost(SOON).until(() -> database.hotEntries() == 0);
        await().atMost(SOON).until(() -> only.status().lanesHeld() == OutboxDatabase.SHARDS);
        assertThat(only.status().broken()).isFalse();
    }

    private void append(String sink, int count) {
        database.append(IntStream.range(0, count)
                .mapToObj(
                        i -> OutboxEntry.upsert(order(i, "x").aggregate(), "x").to(sink))
                .toArray(OutboxEntry[]::new));
    }
}
