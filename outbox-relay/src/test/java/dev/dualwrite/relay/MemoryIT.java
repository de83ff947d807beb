package dev.dualwrite.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.relay.apply.ClaimConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A backlog lives in the database, whatever its size; the relay keeps a few batches of it in memory. */
class MemoryIT {

    private static final Duration LATER = Duration.ofMinutes(2);

    @Test
    void backlogOfManyTimesTheHeapDrainsInASmallProcess() throws Exception {
        try (var database = new OutboxDatabase("copy")) {
            // 600 payloads of a megabyte among small ones: some 640 MB, for a heap of 64 MB.
            database.sql.sql("""
                            INSERT INTO dualwrite.outbox_entry
                                   (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload)
                            SELECT 1, dualwrite.shard_of('order', n::text, 4), 1, 'U', 'order', n::text,
                                   convert_to(repeat('x', CASE WHEN n % 300 = 0 THEN 1000000 ELSE 250 END), 'UTF8')
                            FROM generate_series(1, 180000) AS n
                            """).update();

            try (var process = RelayProcess.start(
                    database.database(),
                    new ClaimConfig(1000, 8_000_000, Duration.ofMillis(50), 4),
                    "-Xmx64m",
                    "-XX:+ExitOnOutOfMemoryError")) {
                await().atMost(LATER).until(() -> database.hotEntries() == 0 || !process.isAlive());

                assertThat(process.isAlive()).isTrue();
                assertThat(database.hotEntries()).isZero();
            }
        }
    }
}
