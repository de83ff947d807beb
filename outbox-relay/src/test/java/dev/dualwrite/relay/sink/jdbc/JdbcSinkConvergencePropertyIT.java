package dev.dualwrite.relay.sink.jdbc;

import static dev.dualwrite.relay.sink.jdbc.Secondary.delete;
import static dev.dualwrite.relay.sink.jdbc.Secondary.inShard;
import static dev.dualwrite.relay.sink.jdbc.Secondary.upsert;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;

/**
 * Apply is a maximum over versions: two sinks that get the same entries in any order, in any batches, any number of times,
 * at the same time, end with the newest state of each aggregate. To repeat a run: {@code -Ddualwrite.seed=…}.
 */
class JdbcSinkConvergencePropertyIT {

    private static final Secondary SECONDARY = new Secondary();
    private static final int AGGREGATES = 12;
    private static final int ENTRIES = 240;

    @BeforeAll
    static void createTable() throws Exception {
        SECONDARY.run("CREATE TABLE copy (id int PRIMARY KEY, name text, dualwrite_version bigint NOT NULL)");
        SECONDARY.sink("copy", "id").build().validate();
    }

    @BeforeEach
    void emptyTables() {
        SECONDARY.run("TRUNCATE copy, dualwrite_tombstone");
    }

    @RepeatedTest(5)
    void anyDeliveryEndsWithTheNewestStates() {
        long seed = Long.getLong("dualwrite.seed", System.nanoTime());
        var random = new Random(seed);
        List<ClaimedEntry> history = history(random);
        List<List<ClaimedEntry>> one = deliveries(history, random);
        List<List<ClaimedEntry>> two = deliveries(history, random);

        CompletableFuture.allOf(run(one), run(two)).join();

        assertThat(SECONDARY.rows("SELECT id, name, dualwrite_version FROM copy"))
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(newest(history));
    }

    private static List<ClaimedEntry> history(Random random) {
        var history = new ArrayList<ClaimedEntry>();
        for (int version = 1; version <= ENTRIES; version++) {
            int id = random.nextInt(AGGREGATES);
            ClaimedEntry entry = random.nextInt(3) == 0
                    ? delete("" + id, version)
                    : upsert("" + id, version, "{\"name\":\"v" + version + "\"}");
            history.add(inShard(id % 2, entry));
        }
        return history;
    }

    /** Everything at least once, a third twice, in disorder, as batches of one shard sorted like the relay's. */
    private static List<List<ClaimedEntry>> deliveries(List<ClaimedEntry> history, Random random) {
        var all = new ArrayList<>(history);
        history.stream().filter(e -> random.nextInt(3) == 0).forEach(all::add);
        Collections.shuffle(all, random);
        var batches = new ArrayList<List<ClaimedEntry>>();
        for (int from = 0; from < all.size(); ) {
            int to = Math.min(all.size(), from + 1 + random.nextInt(12));
            for (int shard = 0; shard < 2; shard++) {
                int ofShard = shard;
                List<ClaimedEntry> batch = all.subList(from, to).stream()
                        .filter(e -> e.shard() == ofShard)
                        .sorted(Comparator.comparing(
                                        (ClaimedEntry e) -> e.aggregate().id())
                                .thenComparing(ClaimedEntry::version))
                        .toList();
                if (!batch.isEmpty()) {
                    batches.add(batch);
                }
            }
            from = to;
        }
        return batches;
    }

    /** The model, as naive as can be. */
    private static List<String> newest(List<ClaimedEntry> history) {
        Map<String, ClaimedEntry> last = new HashMap<>();
        history.forEach(e -> last.put(e.aggregate().id(), e));
        return last.values().stream()
                .filter(e -> e.operation() == Operation.UPSERT)
                .map(e -> e.aggregate().id() + ",v" + e.version().value() + ","
                        + e.version().value())
                .toList();
    }

    private static CompletableFuture<Void> run(List<List<ClaimedEntry>> batches) {
        JdbcSink sink = SECONDARY.sink("copy", "id").build();
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        for (List<ClaimedEntry> batch : batches) {
                            sink.apply(batch);
                        }
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task, "delivery").start());
    }
}
