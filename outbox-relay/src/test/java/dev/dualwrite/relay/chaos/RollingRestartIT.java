package dev.dualwrite.relay.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A deployment at noon: every pod is stopped by SIGTERM and started again, one after the other, while writers write. */
class RollingRestartIT {

    private static final Duration LAG_LIMIT = Duration.ofSeconds(2);
    private static final Duration SOON = Duration.ofSeconds(30);

    @Test
    void noVersionReachesTheSinkTwiceAndTheLagStaysShort() throws Exception {
        long seed = Long.getLong("dualwrite.seed", System.nanoTime() & 0xffff_ffffL);
        try (var cluster = new Cluster(new Cluster.Start(seed, 100, true));
                var lag = new LagSampler(cluster.primary.store())) {
            cluster.writers.start(seed);
            // What was written before the first pod had come up is worked off.
            await().atMost(SOON).until(() -> asked(cluster) > 100 && Outbox.lagMillis(cluster.primary.store()) < 500);
            lag.start();

            for (Pod pod : cluster.pods) {
                pod.stop();
                pod.startIfDead();
                long before = asked(cluster);
                // The next one goes when this one has come up and something went through, as a deployment would wait.
                cluster.pace.pause(2000);
                await().atMost(SOON).until(() -> asked(cluster) > before);
            }
            cluster.writers.stop();
            cluster.writers.writeAll(new Random(seed));
            await().atMost(SOON).until(() -> Outbox.isEmpty(cluster.primary.store()));

            assertThat(Outbox.rows(
                            cluster.secondary.store(),
                            "SELECT version || ' by ' || string_agg(pod, ', ' ORDER BY number)"
                                    + " FROM asked GROUP BY version HAVING count(*) > 1"))
                    .as("seed %d: versions that reached the sink twice, and by which pods", seed)
                    .isEmpty();
            assertThat(Duration.ofMillis(lag.worst()))
                    .as("seed %d: worst lag", seed)
                    .isLessThanOrEqualTo(LAG_LIMIT);
            assertThat(Histories.violations(History.of(cluster)))
                    .as("seed %d", seed)
                    .isEmpty();
        }
    }

    private static long asked(Cluster cluster) throws SQLException {
        return Long.parseLong(Outbox.rows(cluster.secondary.store(), "SELECT count(*) FROM asked")
                .get(0));
    }

    /** Looks at the oldest entry ten times a second. */
    private static final class LagSampler implements AutoCloseable {
        private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor();
        private final AtomicLong worst = new AtomicLong();
        private final StandStills standStills = new StandStills();
        private final Store primary;

        LagSampler(Store primary) {
            this.primary = primary;
        }

        void start() {
            standStills.start();
            var unused = looks.scheduleWithFixedDelay(this::look, 0, 100, TimeUnit.MILLISECONDS);
        }

        long worst() {
            return worst.get();
        }

        private void look() {
            try {
                long lag = Outbox.lagMillis(primary);
                worst.accumulateAndGet(lag - standStills.within(lag), Math::max);
            } catch (SQLException e) {
                // Not seen is as bad as too late.
                worst.set(Long.MAX_VALUE / 2);
            }
        }

        @Override
        public void close() {
            looks.shutdownNow();
            standStills.close();
        }
    }
}
