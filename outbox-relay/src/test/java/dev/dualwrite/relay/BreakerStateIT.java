package dev.dualwrite.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LeaseStore;
import dev.dualwrite.outbox.jdbc.LeaseStore.Taken;
import dev.dualwrite.outbox.jdbc.MemberStore;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.relay.internal.RelayThreads;
import dev.dualwrite.relay.lease.LeaseConfig;
import dev.dualwrite.relay.lease.LeaseKeeper;
import dev.dualwrite.relay.lease.Tripped;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** What people see of an open breaker. */
class BreakerStateIT {

    /** So long that nothing is written with the next heartbeat in time. */
    private static final Duration LEASE = Duration.ofMinutes(10);

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String TRIPPED = "SELECT count(*) FROM dualwrite.relay_sink"
            + " WHERE tripped_reason = 'connection refused'"
            + " AND tripped_at BETWEEN now() - interval '70 seconds' AND now() - interval '50 seconds'";

    private final Map<Short, Tripped> open = new ConcurrentHashMap<>();
    private OutboxDatabase database;
    private LeaseKeeper keeper;
    private Thread thread;

    @BeforeEach
    void start() {
        database = new OutboxDatabase("copy", "index");
        var config = new LeaseConfig(
                UUID.randomUUID(), "host/1", Set.of(database.sinkId("copy"), database.sinkId("index")), LEASE);
        var locks = new JdbcTemplateLockProvider(JdbcTemplateLockProvider.Configuration.builder()
                .withJdbcTemplate(new JdbcTemplate(database.dataSource()))
                .withTableName("dualwrite.shedlock")
                .withLockedByValue(config.relay().toString())
                .usingDbTime()
                .build());
        keeper = new LeaseKeeper(
                config,
                new LeaseKeeper.Ports(
                        locks,
                        new LeaseStore(database.dataSource(), "dualwrite"),
                        new MemberStore(database.dataSource(), "dualwrite"),
                        CrashProbe.NONE,
                        new Random(1)),
                new Silent(),
                () -> open);
        thread = RelayThreads.single("lease", keeper);
        thread.start();
        await().atMost(SOON).until(() -> keeper.lanesHeld() == 2 * OutboxDatabase.SHARDS);
    }

    @AfterEach
    void stop() throws InterruptedException {
        keeper.stop(thread, SOON);
        database.close();
    }

    @Test
    void openBreakerIsShownAtOnceWithItsReasonAndBeginningAndGoesWhenItCloses() {
        open.put(
                database.sinkId("index"),
                new Tripped(
                        "connection refused",
                        System.nanoTime() - Duration.ofMinutes(1).toNanos()));
        keeper.breakerChanged();
        await().atMost(SOON).until(() -> database.count(TRIPPED) == 1);
        assertThat(database.count("SELECT sink_id FROM dualwrite.relay_sink WHERE tripped_at IS NOT NULL"))
                .isEqualTo(database.sinkId("index"));

        open.clear();
        keeper.breakerChanged();
        await().atMost(SOON)
                .until(() ->
                        database.count("SELECT count(*) FROM dualwrite.relay_sink WHERE tripped_at IS NOT NULL") == 0);
    }

    /** A relay that never does anything with its lanes. */
    private static final class Silent implements LeaseKeeper.Events {
        @Override
        public void beating() {}

        @Override
        public void taken(Taken lane) {}

        @Override
        public void lost(Lane lane) {}

        @Override
        public void giveBack(Lane lane) {}

        @Override
        public boolean isRunning(Lane lane) {
            return false;
        }

        @Override
        public boolean makesProgress(Lane lane) {
            return true;
        }

        @Override
        public void broken(Error error) {}
    }
}
