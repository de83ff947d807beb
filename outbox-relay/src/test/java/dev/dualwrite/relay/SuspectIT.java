package dev.dualwrite.relay;

import static dev.dualwrite.relay.OutboxDatabase.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.apply.ConfiguredSink;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Entries under suspicion in several lanes of one relay. */
class SuspectIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Test
    void noTwoSuspectsAreTriedAtOnceSoThatTheProcessEndsOfOneOnly() {
        var failing = new AtomicBoolean(true);
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        var sink = new RecordingSink();
        sink.behaviour = entry -> {
            if (failing.get()) {
                throw new IllegalStateException("not yet");
            }
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            try {
                // Long enough for another to come in beside it.
                new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
                return ApplyResult.applied();
            } finally {
                inside.decrementAndGet();
            }
        };
        try (var database = new OutboxDatabase("copy");
                var relays = new Relays(database)) {
            List<ConfiguredSink> copy = List.of(relays.configured("copy", sink, Relays.PATIENT));
            database.append(IntStream.range(0, 12).mapToObj(i -> order(i, "x")).toArray(OutboxEntry[]::new));
            Relay relay = relays.start(copy, new ClaimConfig(100, 1_000_000, Duration.ofMillis(20), 4));
            await().atMost(SOON).until(() -> database.heldEntries() == 12);
            relays.stop(relay);
            failing.set(false);
            database.sql
                    .sql("UPDATE dualwrite.held_entry"
                            + " SET suspect = true, state = 'backing_off', next_attempt_at = now()")
                    .update();

            relays.start(copy, new ClaimConfig(100, 1_000_000, Duration.ofMillis(20), 4));

            await().atMost(SOON).until(() -> database.heldEntries() == 0);
            assertThat(most.get()).isEqualTo(1);
        }
    }
}
