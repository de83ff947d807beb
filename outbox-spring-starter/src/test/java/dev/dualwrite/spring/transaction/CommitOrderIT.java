package dev.dualwrite.spring.transaction;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.orm.jpa.SharedEntityManagerCreator;

/**
 * Sequences rise in commit order within an aggregate. The interleavings are made with latches; each is one in which
 * drawing the number at another moment gives the wrong order, every time.
 */
class CommitOrderIT {

    private static TestOutbox database;
    private static HikariDataSource pool;
    private static TestService service;
    private static EntityManager entities;
    private static ExecutorService other;

    @BeforeAll
    static void start() {
        database = TestOutbox.install();
        pool = database.pool();
        service = TestService.start(database, pool, TestService.Jpa.class);
        entities = SharedEntityManagerCreator.createSharedEntityManager(service.bean(EntityManagerFactory.class));
        other = Executors.newCachedThreadPool();
    }

    @AfterAll
    static void stop() {
        other.shutdownNow();
        service.close();
        pool.close();
    }

    @BeforeEach
    void oneLedger() {
        service.reset();
        database.jdbc().update("DELETE FROM ledger");
        database.jdbc().update("INSERT INTO ledger (id, state) VALUES (1, 'new')");
        database.clear();
    }

    // Trap: outbox row before the data change. Hibernate inserts before it updates, and IDENTITY rows at persist(): so
    // an
    // outbox entity would have its number long before the ledger's row is locked. Here the first writer is held in its
    // flush, at the last moment before that UPDATE; a number drawn any earlier is smaller than the second writer's.
    @Test
    void outboxRowIsNotWrittenBeforeTheDataChange() {
        var inFlush = new CountDownLatch(1);
        var secondCommitted = new CountDownLatch(1);

        CompletableFuture<Void> first = CompletableFuture.runAsync(
                () -> change("first", () -> {
                    inFlush.countDown();
                    waitFor(secondCommitted);
                }),
                other);
        waitFor(inFlush);
        change("second", () -> {});
        secondCommitted.countDown();
        first.orTimeout(20, SECONDS).join();

        assertThat(database.payloads()).containsExactly("second", "first");
        assertThat(ledgerState()).isEqualTo("first");
    }

    private static void change(String state, Runnable inFlush) {
        service.transaction().executeWithoutResult(status -> {
            entities.persist(new LedgerLine(1L));
            Ledger ledger = entities.find(Ledger.class, 1L);
            ledger.inFlush = inFlush;
            service.append(state);
            ledger.state = state;
        });
    }

    // Trap: the number drawn early. The early appender commits last.
    @Test
    void numberIsNotDrawnByTheAppend() {
        var appended = new CountDownLatch(1);
        var secondCommitted = new CountDownLatch(1);

        CompletableFuture<Void> early = CompletableFuture.runAsync(
                () -> service.transaction().executeWithoutResult(status -> {
                    service.append("early");
                    appended.countDown();
                    waitFor(secondCommitted);
                    service.jdbc().update("UPDATE ledger SET state = 'early' WHERE id = 1");
                }),
                other);
        waitFor(appended);
        service.transaction().executeWithoutResult(status -> {
            service.jdbc().update("UPDATE ledger SET state = 'late' WHERE id = 1");
            service.append("late");
        });
        secondCommitted.countDown();
        early.orTimeout(20, SECONDS).join();

        assertThat(database.payloads()).containsExactly("late", "early");
        assertThat(ledgerState()).isEqualTo("early");
    }

    @Test
    void noNumberIsDrawnBeforeTheEnd() {
        long before = lastNumber();

        service.transaction().executeWithoutResult(status -> {
            Ledger ledger = entities.find(Ledger.class, 1L);
            ledger.inFlush = () -> assertThat(lastNumber()).isEqualTo(before);
            service.append("a");
            assertThat(lastNumber()).isEqualTo(before);
            ledger.state = "changed";
            entities.flush();
            assertThat(lastNumber()).isEqualTo(before);
        });

        assertThat(database.entries()).extracting(TestOutbox.Row::sequence).containsExactly(before + 1);
    }

    // Their rows do not conflict, so only the lock brings the two into order.
    @Test
    void writersThatConflictOnNoRowAreOrderedByTheLock() {
        var firstWritten = new CountDownLatch(1);
        var letFirstCommit = new CountDownLatch(1);
        service.onCrashWindow(window -> {
            if (firstWritten.getCount() > 0) {
                firstWritten.countDown();
                waitFor(letFirstCommit);
            }
        });

        CompletableFuture<Void> first = CompletableFuture.runAsync(() -> appendLocked("first"), other);
        waitFor(firstWritten);
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> appendLocked("second"), other);
        await().untilAsserted(() -> assertThat(waitingForAdvisoryLocks()).isEqualTo(1));
        assertThat(second).isNotDone();
        letFirstCommit.countDown();
        CompletableFuture.allOf(first, second).orTimeout(20, SECONDS).join();

        assertThat(database.payloads()).containsExactly("first", "second");
    }

    private static void appendLocked(String payload) {
        service.transaction()
                .executeWithoutResult(status -> service.bean(Outbox.class)
                        .append(OutboxEntry.upsert(new Aggregate("locked", "1"), (Object) payload)));
    }

    // Trap: cached sequence as version. A session that keeps numbers aside hands out small ones late.
    @Test
    void sequenceIsNotCached() {
        assertThat(database.jdbc()
                        .queryForObject(
                                "SELECT seqcache FROM pg_sequence WHERE seqrelid = 'dualwrite.entry_sequence'::regclass",
                                Integer.class))
                .isEqualTo(1);
    }

    // Trap: a per-row counter, @Version for one, restarts with the row.
    @Test
    void aggregateThatIsDeletedAndInsertedAgainGetsALargerNumber() {
        service.transaction().executeWithoutResult(status -> service.append("a"));
        service.transaction()
                .executeWithoutResult(
                        status -> service.bean(Outbox.class).append(OutboxEntry.delete(new Aggregate("thing", "1"))));
        service.transaction().executeWithoutResult(status -> service.append("again"));

        List<TestOutbox.Row> entries = database.entries();
        assertThat(entries).extracting(TestOutbox.Row::payload).containsExactly("a", null, "again");
        assertThat(entries).extracting(TestOutbox.Row::xid).isSorted().doesNotHaveDuplicates();
    }

    // Trap: the number drawn in a column DEFAULT. Defaults are computed in the order of the columns, and the floor of a
    // lane needs the transaction id to be older than the number.
    @Test
    void transactionIdIsAssignedBeforeTheNumberIsDrawn() {
        assertThat(database.jdbc().queryForList("""
                SELECT attname
                FROM pg_attribute
                WHERE attrelid = 'dualwrite.outbox_entry'::regclass AND attname IN ('xid', 'sequence')
                ORDER BY attnum
                """, String.class)).containsExactly("xid", "sequence");
    }

    private static int waitingForAdvisoryLocks() {
        return database.jdbc()
                .queryForObject(
                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", Integer.class);
    }

    private static long lastNumber() {
        return database.jdbc()
                .queryForObject(
                        "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM dualwrite.entry_sequence",
                        Long.class);
    }

    private static String ledgerState() {
        return database.jdbc().queryForObject("SELECT state FROM ledger WHERE id = 1", String.class);
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, SECONDS)).as("signal within 20 s").isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
