package dev.dualwrite.relay.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.relay.capture.sample.Order;
import jakarta.persistence.EntityManagerFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Entities of awkward shapes, captured with annotations alone: after thousands of random operations in concurrent transactions,
 * with a relay beside them, the secondary equals the primary. Both are read by SQL, never by the code under test. To repeat
 * the operations of a run: {@code -Ddualwrite.seed=…}; the order among its threads is another each time.
 */
class CaptureConvergencePropertyIT {

    private static final int THREADS = 8;
    private static final int TRANSACTIONS = 120;

    private final long seed = Long.getLong("dualwrite.seed", System.nanoTime());

    @EntityScan(basePackageClasses = Order.class)
    static class Sample {}

    @Test
    void secondaryEqualsThePrimaryAfterAnyOperations() {
        try (var captures = new Captures()) {
            ApplicationContextRunner service = captures.service(Sample.class);
            for (SampleTables each : SampleTables.ALL) {
                service = captures.withCopy(service, each.aggregate(), each.keys());
            }

            service.run(context -> {
                assertThat(context).hasNotFailed();
                try {
                    int committed = work(context);

                    captures.awaitDrained();
                    assertThat(committed).as("seed %d", seed).isGreaterThan(THREADS * TRANSACTIONS / 2);
                } catch (Exception e) {
                    throw new AssertionError("seed " + seed + ": " + e, e);
                }
                SoftAssertions.assertSoftly(
                        softly -> SampleTables.ALL.forEach(each -> assertEqual(captures, each, softly)));
            });
        }
    }

    private int work(ApplicationContext context) throws Exception {
        var factory = context.getBean(EntityManagerFactory.class);
        var manager = context.getBean(PlatformTransactionManager.class);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            Stream<Callable<Integer>> workers = Stream.iterate(0, i -> i + 1)
                    .limit(THREADS)
                    .map(i -> () -> new SampleWorker(factory, manager, new Random(seed + i)).run(TRANSACTIONS));
            int committed = 0;
            for (Future<Integer> each : threads.invokeAll(workers.toList())) {
                committed += each.get();
            }
            return committed;
        } finally {
            threads.shutdownNow();
        }
    }

    private void assertEqual(Captures captures, SampleTables each, SoftAssertions softly) {
        softly.assertThat(rows(captures.ofSecondary, "SELECT * FROM \"" + each.aggregate() + "\"", each.keys()))
                .as("rows of %s at the secondary, seed %d", each.aggregate(), seed)
                .containsExactlyInAnyOrderElementsOf(rows(captures.ofPrimary, each.query(), each.keys()));
    }

    private static List<String> rows(JdbcClient database, String query, int keys) {
        return database.sql(query)
                .query((row, n) -> {
                    var columns = new ArrayList<String>();
                    for (int i = 1; i <= keys + 1; i++) {
                        columns.add(row.getString(i));
                    }
                    return columns.toString();
                })
                .list();
    }
}
