package dev.dualwrite.relay.sink.jdbc;

import static dev.dualwrite.relay.sink.jdbc.Secondary.APPLIED;
import static dev.dualwrite.relay.sink.jdbc.Secondary.STALE;
import static dev.dualwrite.relay.sink.jdbc.Secondary.delete;
import static dev.dualwrite.relay.sink.jdbc.Secondary.inShard;
import static dev.dualwrite.relay.sink.jdbc.Secondary.upsert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.CrashProbe;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Two writers at once: a zombie and the holder of the lane, or two lanes. */
class JdbcSinkRaceIT {

    private static final Secondary SECONDARY = new Secondary();

    @BeforeEach
    void emptyTable() throws Exception {
        SECONDARY.run(
                "DROP TABLE IF EXISTS copy, dualwrite_tombstone",
                "CREATE TABLE copy (id int PRIMARY KEY, name text, dualwrite_version bigint NOT NULL DEFAULT 0)");
        SECONDARY.sink("copy", "id").build().validate();
    }

    // The server's default isolation must not matter: a snapshot from before the wait would miss the other's commit.
    @ParameterizedTest
    @ValueSource(strings = {"read committed", "repeatable read", "serializable"})
    void deletionWaitsForAnUncommittedUpsertOfAZombie(String isolation) {
        var zombie = new Paused(isolation, List.of(upsert("1", 1, "{\"name\":\"zombie\"}")));
        CompletableFuture<List<ApplyResult>> deletion =
                start(sink(isolation, CrashProbe.NONE), List.of(delete("1", 2)));
        awaitDoneOrWaiting(deletion);

        zombie.goOn();

        assertThat(zombie.result.join()).containsExactly(APPLIED);
        assertThat(deletion.join()).containsExactly(APPLIED);
        assertThat(SECONDARY.rows("SELECT * FROM copy"))
                .as("rows of a deleted aggregate")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"read committed", "repeatable read", "serializable"})
    void upsertOfAZombieWaitsForAnUncommittedDeletion(String isolation) {
        var deletion = new Paused(isolation, List.of(delete("1", 2)));
        CompletableFuture<List<ApplyResult>> zombie =
                start(sink(isolation, CrashProbe.NONE), List.of(upsert("1", 1, "{\"name\":\"zombie\"}")));
        awaitDoneOrWaiting(zombie);

        deletion.goOn();

        assertThat(deletion.result.join()).containsExactly(APPLIED);
        assertThat(zombie.join()).containsExactly(STALE);
        assertThat(SECONDARY.rows("SELECT * FROM copy"))
                .as("rows of a deleted aggregate")
                .isEmpty();
    }

    @Test
    void upsertsOfOneShardDoNotWaitForEachOther() {
        var one = new Paused("read committed", List.of(upsert("1", 1, "{\"name\":\"a\"}")));

        assertThat(start(sink("read committed", CrashProbe.NONE), List.of(upsert("2", 2, "{\"name\":\"b\"}")))
                        .join())
                .containsExactly(APPLIED);

        one.goOn();
        one.result.join();
    }

    @Test
    void deletionsOfTwoShardsDoNotWaitForEachOther() {
        var one = new Paused("read committed", List.of(inShard(1, delete("1", 1))));

        assertThat(start(sink("read committed", CrashProbe.NONE), List.of(inShard(2, delete("2", 2))))
                        .join())
                .containsExactly(APPLIED);

        one.goOn();
        one.result.join();
    }

    @Test
    void lanesThatMeetOnTheSameRowsDoNotDeadlock() throws Exception {
        var rising = new ArrayList<ClaimedEntry>();
        var falling = new ArrayList<ClaimedEntry>();
        for (int round = 0; round < 20; round++) {
            rising.clear();
            falling.clear();
            for (int id = 1000; id < 1300; id++) {
                rising.add(inShard(1, upsert("" + id, 2 * (1 + round * 1000L + id), "{\"name\":\"a\"}")));
                falling.add(inShard(2, upsert("" + id, 1 + 2 * (1 + round * 1000L + id), "{\"name\":\"b\"}")));
            }
            Collections.reverse(falling);
            var together = new CyclicBarrier(2);

            CompletableFuture<?> one = start(sink("read committed", CrashProbe.NONE), List.copyOf(rising), together);
            CompletableFuture<?> two = start(sink("read committed", CrashProbe.NONE), List.copyOf(falling), together);

            CompletableFuture.allOf(one, two).join();
        }
        assertThat(SECONDARY.value("SELECT count(*) FROM copy WHERE name = 'b'"))
                .isEqualTo("300");
    }

    /** An apply that stops just before its commit. */
    private static final class Paused {
        private final CountDownLatch goOn = new CountDownLatch(1);
        private final CompletableFuture<List<ApplyResult>> result;

        Paused(String isolation, List<ClaimedEntry> entries) {
            var reached = new CompletableFuture<Void>();
            JdbcSink sink = sink(isolation, window -> {
                reached.complete(null);
                awaitLatch(goOn);
            });
            this.result = start(sink, entries);
            CompletableFuture.anyOf(reached, result).join();
        }

        void goOn() {
            goOn.countDown();
        }
    }

    private static JdbcSink sink(String isolation, CrashProbe probe) {
        var source = new PGSimpleDataSource();
        source.setUrl(SECONDARY.database().url());
        source.setUser(SECONDARY.database().user());
        source.setPassword(SECONDARY.database().password());
        source.setOptions("-c default_transaction_isolation=" + isolation.replace(" ", "\\ "));
        return JdbcSink.builder(source)
                .table("copy")
                .keyColumns("id")
                .crashProbe(probe)
                .build();
    }

    private static CompletableFuture<List<ApplyResult>> start(JdbcSink sink, List<ClaimedEntry> entries) {
        return start(sink, entries, new CyclicBarrier(1));
    }

    private static CompletableFuture<List<ApplyResult>> start(
            JdbcSink sink, List<ClaimedEntry> entries, CyclicBarrier together) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        sink.validate();
                        together.await();
                        return sink.apply(entries);
                    } catch (SQLException | InterruptedException | java.util.concurrent.BrokenBarrierException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task, "race").start());
    }

    /** Not a sleep: the other one has either run through (which is the mistake), or the server shows that it waits. */
    private static void awaitDoneOrWaiting(CompletableFuture<?> second) {
        await().until(() -> second.isDone()
                || SECONDARY
                        .value("SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                                + " WHERE d.datname = current_database() AND NOT l.granted")
                        .equals("1"));
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
