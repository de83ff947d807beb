package dev.dualwrite.sample.demo;

import dev.dualwrite.sample.order.OrderService;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Loads the sample data, then writes on, gently, as the shop's customers would. On a thread of its own, started when all
 * else is up and stopped before all else.
 */
@Component
class DemoLoad implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(DemoLoad.class);
    private static final long RETRY_SECONDS = 2;
    private static final long STOP_SECONDS = 5;

    private final SampleData data;
    private final OrderService orders;
    private final JdbcTemplate jdbc;
    private final double rate;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final OrderGenerator generator = new OrderGenerator(random);
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable Thread thread;

    DemoLoad(SampleData data, OrderService orders, JdbcTemplate jdbc, SampleProperties sample) {
        this.data = data;
        this.orders = orders;
        this.jdbc = jdbc;
        this.rate = sample.load().rate();
    }

    @Override
    public synchronized void start() {
        Thread started = new Thread(this::run, "sample-load");
        thread = started;
        started.start();
    }

    @Override
    public synchronized void stop() {
        Thread running = thread;
        if (running == null) {
            return;
        }
        stop.countDown();
        try {
            // It ends after the transaction under way; an interrupt would only cost a broken connection.
            running.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread = null;
    }

    @Override
    public synchronized boolean isRunning() {
        return thread != null;
    }

    private void run() {
        try {
            boolean more = true;
            while (more && stop.getCount() > 0) {
                more = attempt(data::loadBatch);
            }
            if (rate > 0) {
                long pauseNanos = (long) (TimeUnit.SECONDS.toNanos(1) / rate);
                while (!stop.await(pauseNanos, TimeUnit.NANOSECONDS)) {
                    attempt(this::writeOnce);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A step of the load; one that fails is tried again after a while. */
    private interface Step {
        boolean run();
    }

    private boolean attempt(Step step) throws InterruptedException {
        try {
            return step.run();
        } catch (RuntimeException e) {
            // Whatever it is, the demo goes on: a store that is away comes back.
            LOG.warn(
                    "sample_write_failed retry_s={} cause={}",
                    RETRY_SECONDS,
                    NestedExceptionUtils.getMostSpecificCause(e).toString());
            stop.await(RETRY_SECONDS, TimeUnit.SECONDS);
            return true;
        }
    }

    private boolean writeOnce() {
        int dice = random.nextInt(100);
        if (dice < 50) {
            orders.create(generator.placed());
        } else if (dice < 95) {
            anyOrder().ifPresent(id -> orders.replace(id, generator.any()));
        } else {
            anyOrder().ifPresent(orders::delete);
        }
        return true;
    }

    private Optional<Long> anyOrder() {
        Long last = jdbc.queryForObject("SELECT max(id) FROM orders", Long.class);
        if (last == null) {
            return Optional.empty();
        }
        List<@Nullable Long> ids = jdbc.queryForList(
                "SELECT id FROM orders WHERE id >= ? ORDER BY id LIMIT 1", Long.class, random.nextLong(last) + 1);
        return ids.isEmpty() ? Optional.empty() : Optional.ofNullable(ids.get(0));
    }
}
