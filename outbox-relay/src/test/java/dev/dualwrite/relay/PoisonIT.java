package dev.dualwrite.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.relay.apply.ClaimConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
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

        int deaths = 0;
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        try (var supervised = new Supervised()) {
            while (!isSetAside() && System.nanoTime() < deadline) {
                deaths += supervised.restartIfDead();
                Thread.onSpinWait();
            }
        }

        assertThat(isSetAside()).as("after %d deaths", deaths).isTrue();
        // Two to suspect the lane, two to know the entry.
        assertThat(deaths).isBetween(3, 5);
        assertThat(database.sql
                        .sql("SELECT aggregate_id || ': ' || error_message FROM dualwrite.held_entry")
                        .query(String.class)
                        .single())
                .startsWith(orders.get(7).id() + ": the process of its relay ended during each of its last 2 attempts");
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
