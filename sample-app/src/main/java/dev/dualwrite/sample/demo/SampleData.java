package dev.dualwrite.sample.demo;

import dev.dualwrite.sample.order.OrderRequest;
import dev.dualwrite.sample.order.OrderService;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Loads the sample data: the same orders on every machine, once, in batches.
 *
 * <p>Each batch and the count of what is loaded are one transaction, and order n depends on n alone; so a load that was
 * killed goes on where it stood, and two processes on one primary share the work.
 */
@Component
class SampleData implements SmartInitializingSingleton {

    /** Measured: larger ones are hardly faster, and the progress would jump. */
    private static final int BATCH = 250;

    private final OrderService orders;
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final int wanted;
    private volatile int loaded;

    SampleData(
            OrderService orders, JdbcTemplate jdbc, PlatformTransactionManager transactions, SampleProperties sample) {
        this.orders = orders;
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
        this.wanted = sample.seedOrders();
    }

    /** What an earlier start has loaded, so that the status does not begin at nothing. */
    @Override
    public void afterSingletonsInstantiated() {
        loaded = count("SELECT loaded FROM demo_data");
    }

    /** Loads the next batch; false if nothing is left to load. */
    boolean loadBatch() {
        loaded = Objects.requireNonNull(transaction.execute(status -> {
            int from = count("SELECT loaded FROM demo_data FOR UPDATE");
            int to = Math.min(from + BATCH, wanted);
            if (from < to) {
                orders.createAll(batch(from, to));
                jdbc.update("UPDATE demo_data SET loaded = ?", to);
            }
            return Math.max(from, to);
        }));
        return loaded < wanted;
    }

    /** How much is loaded, in percent; 100 if all is. */
    int percent() {
        return loaded >= wanted ? 100 : (int) (100L * loaded / wanted);
    }

    private int count(String query) {
        return Objects.requireNonNull(jdbc.queryForObject(query, Integer.class));
    }

    private static List<OrderRequest> batch(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(n -> new OrderGenerator(new SplittableRandom(n)).any())
                .toList();
    }
}
