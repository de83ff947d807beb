package dev.dualwrite.spring.transaction;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.orm.jpa.SharedEntityManagerCreator;

/**
 * Random transactions on many threads. The model is the row's own counter: every change of a row raises it by one and
 * appends its new value, so the committed entries of each aggregate, by sequence, must read 1, 2, 3, … up to the counter:
 * nothing lost, nothing left of a rollback, nothing out of order.
 */
class AppendOrderPropertyIT {

    private static final long SEED =
            Long.getLong("dualwrite.seed", ThreadLocalRandom.current().nextLong());
    private static final int THREADS = 8;
    private static final int TRANSACTIONS = 200;
    private static final int AGGREGATES = 4;

    // Only touched by inner transactions, one each: an outer one that holds a row its own inner one wants waits for
    // ever.
    private static final int INNER_AGGREGATES = 3;

    private TestOutbox database;
    private HikariDataSource pool;

    @BeforeEach
    void install() {
        database = TestOutbox.install();
        pool = database.pool();
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void entriesOfEachAggregateFollowItsCounterUnderJdbc() {
        database.jdbc().execute("CREATE TABLE account (id bigint PRIMARY KEY, version bigint NOT NULL)");
        rows(AGGREGATES + INNER_AGGREGATES, "INSERT INTO account SELECT n, 0 FROM generate_series(1, ?) n");

        try (TestService service = TestService.start(database, pool, TestService.Jdbc.class)) {
            onManyThreads(random -> jdbcTransaction(service, random));
        }

        assertEntriesFollowCounters();
    }

    private void jdbcTransaction(TestService service, SplittableRandom random) {
        service.transaction().executeWithoutResult(status -> {
            // In ascending order, so that there are no deadlocks.
            for (int id = 1; id <= AGGREGATES; id++) {
                switch (random.nextInt(6)) {
                    case 0, 1 -> touch(service, random, id);
                    case 2 -> savepoint(service, random, id);
                    case 3 -> inner(service, random);
                    default -> {}
                }
            }
            if (random.nextInt(4) == 0) {
                status.setRollbackOnly();
            }
        });
    }

    private void savepoint(TestService service, SplittableRandom random, int id) {
        service.nested().executeWithoutResult(nested -> {
            touch(service, random, id);
            if (random.nextBoolean()) {
                nested.setRollbackOnly();
            }
        });
    }

    private void inner(TestService service, SplittableRandom random) {
        service.requiresNew().executeWithoutResult(inner -> {
            touch(service, random, AGGREGATES + 1 + random.nextInt(INNER_AGGREGATES));
            if (random.nextInt(3) == 0) {
                inner.setRollbackOnly();
            }
        });
    }

    // Appending before the change is as good as after it.
    private void touch(TestService service, SplittableRandom random, int id) {
        var version = new AtomicLong();
        boolean before = random.nextBoolean();
        if (before) {
            appendVersion(service, id, version);
        }
        version.set(service.jdbc()
                .queryForObject(
                        "UPDATE account SET version = version + 1 WHERE id = ? RETURNING version", Long.class, id));
        if (!before) {
            appendVersion(service, id, version);
        }
    }

    private static void appendVersion(TestService service, int id, AtomicLong version) {
        service.bean(Outbox.class).append(OutboxEntry.upsert(new Aggregate("thing", "" + id), version::get));
    }

    @Test
    void entriesOfEachAggregateFollowItsVersionUnderHibernate() {
        try (TestService service = TestService.start(database, pool, TestService.Jpa.class)) {
            rows(
                    AGGREGATES,
                    "INSERT INTO account (id, state, version) SELECT n, 'new', 0 FROM generate_series(1, ?) n");
            EntityManager entities =
                    SharedEntityManagerCreator.createSharedEntityManager(service.bean(EntityManagerFactory.class));

            onManyThreads(random -> {
                try {
                    jpaTransaction(service, entities, random);
                } catch (ConcurrencyFailureException e) {
                    // Another thread changed the same row first: rolled back as a whole, which is one of the cases.
                }
            });
        }

        assertEntriesFollowCounters();
    }

    private static void jpaTransaction(TestService service, EntityManager entities, SplittableRandom random) {
        service.transaction().executeWithoutResult(status -> {
            for (long id = 1; id <= AGGREGATES; id++) {
                if (random.nextInt(3) == 0) {
                    Account account = entities.find(Account.class, id);
                    service.bean(Outbox.class)
                            .append(OutboxEntry.upsert(new Aggregate("thing", "" + id), () -> account.version));
                    account.state = "" + random.nextLong();
                }
            }
            if (random.nextInt(4) == 0) {
                status.setRollbackOnly();
            }
        });
    }

    private void rows(int count, String insert) {
        database.jdbc().update(insert, count);
    }

    private static void onManyThreads(Consumer<SplittableRandom> transaction) {
        var seeds = new SplittableRandom(SEED);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            CompletableFuture<?>[] runs = IntStream.range(0, THREADS)
                    .mapToObj(n -> seeds.split())
                    .map(random -> CompletableFuture.runAsync(
                            () -> IntStream.range(0, TRANSACTIONS).forEach(n -> transaction.accept(random)), threads))
                    .toArray(CompletableFuture[]::new);
            CompletableFuture.allOf(runs).orTimeout(2, MINUTES).join();
        } finally {
            threads.shutdownNow();
        }
    }

    private void assertEntriesFollowCounters() {
        List<TestOutbox.Row> entries = database.entries();
        assertThat(entries).as("entries, -Ddualwrite.seed=%d", SEED).hasSizeGreaterThan(TRANSACTIONS);
        database.jdbc().query("SELECT id, version FROM account ORDER BY id", row -> {
            String id = row.getString("id");
            assertThat(entries.stream().filter(e -> e.aggregate().equals(id)).map(e -> Long.valueOf(e.payload())))
                    .as("aggregate %s, -Ddualwrite.seed=%d", id, SEED)
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, row.getLong("version"))
                            .boxed()
                            .toList());
        });
    }
}
