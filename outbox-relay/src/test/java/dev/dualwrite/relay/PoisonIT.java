package dev.dualwrite.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.relay.apply.ClaimConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An entry that ends the process of its relay. */
class PoisonIT {

    private static final ClaimConfig CLAIMS = new ClaimConfig(20, 1_000_000, Duration.ofMillis(50), 2);

    private final OutboxDatabase database = new OutboxDatabase("copy");

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void entryThatEndsItsProcessIsFoundAndHeldAndTheRestGoesOn() throws Exception {
        List<Aggregate> orders = OneLane.orders(60);
        for (int i = 0; i < 60; i++) {
            database.append(OutboxEntry.upsert(orders.get(i), i == 7 ? "poison" : "fine"));
        }

        int deaths = deathsUntilSetAside();

        // Two to suspect the lane, three to know the entry.
        assertThat(deaths).isBetween(4, 6);
        assertThat(database.sql
                        .sql("SELECT aggregate_id || ': ' || error_message FROM dualwrite.held_entry")
                        .query(String.class)
                        .single())
                .startsWith(orders.get(7).id() + ": the process of its relay ended during each of its last 3 attempts");
    }

    @Test
    void heldEntryThatEndsItsProcessIsFoundToo() throws Exception {
        List<Aggregate> orders =
                IntStream.range(0, 40).mapToObj(i -> Aggregate.of("order", i)).toList();
        // In the lane whose turn comes last.
        Aggregate poison = orders.stream()
                .filter(order -> order.shard(OutboxDatabase.SHARDS) == OutboxDatabase.SHARDS - 1)
                .skip(3)
                .findFirst()
                .orElseThrow();
        for (Aggregate order : orders) {
            database.append(OutboxEntry.upsert(order, order.equals(poison) ? "poison" : "fine"));
        }
        // All of them have failed once, for another reason.
        database.sql.sql("""
                        WITH moved AS (DELETE FROM dualwrite.outbox_entry RETURNING *)
                        INSERT INTO dualwrite.held_entry
                               (version, appended_at, first_failed_at, next_attempt_at, attempts, sink_id, shard,
                                schema_version, operation, state, aggregate_type, aggregate_id, payload_type, headers,
                                payload)
                        SELECT sequence, appended_at, now(), now(), 1, sink_id, shard, schema_version, operation,
                               'backing_off', aggregate_type, aggregate_id, payload_type, headers, payload
                        FROM moved
                        """).update();

        int deaths = deathsUntilSetAside();

        assertThat(deaths).isBetween(4, 6);
        assertThat(database.sql
                        .sql("SELECT aggregate_id FROM dualwrite.held_entry")
                        .query(String.class)
                        .single())
                .isEqualTo(poison.id());
    }

    private int deathsUntilSetAside() throws Exception {
        int deaths = 0;
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        try (var supervised = new Supervised()) {
            while (!isSetAside() && System.nanoTime() < deadline) {
                deaths += supervised.restartIfDead();
                Thread.onSpinWait();
            }
        }
        assertThat(isSetAside()).as("after %d deaths", deaths).isTrue();
        return deaths;
    }

    private boolean isSetAside() {
        return database.hotEntries() == 0
                && database.count("SELECT count(*) FROM dualwrite.held_entry WHERE state = 'dead'") == 1
                && database.heldEntries() == 1;
    }

    /** A process that somebody starts again whenever it has died. */
    private final class Supervised implements AutoCloseable {
        private RelayProcess process;

        Supervised() throws IOException {
            process = start();
        }

        int restartIfDead() throws InterruptedException, IOException {
            if (process.isAlive()) {
                return 0;
            }
            assertThat(process.awaitExit()).isEqualTo(RelayProcess.POISONED);
            process = start();
            return 1;
        }

        private RelayProcess start() throws IOException {
            return RelayProcess.start(database.database(), CLAIMS);
        }

        @Override
        public void close() {
            process.close();
        }
    }
}
