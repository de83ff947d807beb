package dev.dualwrite.relay;

import dev.dualwrite.outbox.jdbc.CaptureStore;
import dev.dualwrite.outbox.jdbc.ClaimStore;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.jdbc.HeldStore;
import dev.dualwrite.outbox.jdbc.Lane;
import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.jdbc.LeaseStore;
import dev.dualwrite.outbox.jdbc.LeaseStore.Taken;
import dev.dualwrite.outbox.jdbc.MemberStore;
import dev.dualwrite.outbox.jdbc.RetentionStore;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.relay.apply.ClaimLoop;
import dev.dualwrite.relay.apply.ConfiguredSink;
import dev.dualwrite.relay.capture.PartitionChore;
import dev.dualwrite.relay.internal.HeldLog;
import dev.dualwrite.relay.internal.RelayLog;
import dev.dualwrite.relay.internal.RelayThreads;
import dev.dualwrite.relay.lease.LeaseConfig;
import dev.dualwrite.relay.lease.LeaseKeeper;
import dev.dualwrite.relay.lease.Tripped;
import dev.dualwrite.relay.retention.RetentionChore;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import org.jspecify.annotations.Nullable;

/** One start of a relay, with an id of its own that is in its locks. Thread-safe; started and stopped once. */
final class RelayRun {

    /** Guessed: partitions are made once a day, and whoever cannot wait calls the same function. */
    private static final Duration PARTITIONS_EVERY = Duration.ofMinutes(1);

    private final UUID id = UUID.randomUUID();
    private final HeldLog heldLog = new HeldLog(System::nanoTime);
    private final RelayConfig config;
    private final List<ConfiguredSink> sinks;
    private final JdbcTemplateLockProvider locks;
    private final ClaimLoop claims;
    private final LeaseKeeper leases;
    private final Thread claimThread;
    private final Thread leaseThread;
    private final PartitionChore partitions;
    private final Thread partitionThread;
    private final RetentionChore retention;
    private final Thread retentionThread;
    private volatile @Nullable Error broken;

    RelayRun(DataSource primary, String schema, RelayConfig config, List<ConfiguredSink> sinks, CrashProbe probe) {
        this.config = config;
        this.sinks = List.copyOf(sinks);
        this.claims = new ClaimLoop(
                new ClaimLoop.Stores(
                        new ClaimStore(primary, schema),
                        new HeldStore(primary, schema),
                        new LeaseStore(primary, schema),
                        new ControlStore(primary, schema)),
                config.claims().within(Runtime.getRuntime().maxMemory(), sinks.size()),
                new ClaimLoop.Identity(id, probe, RandomGenerator.getDefault(), heldLog),
                sinks,
                new ClaimEvents());
        var sinkIds = sinks.stream().map(ConfiguredSink::id).collect(Collectors.toSet());
        var leaseConfig = new LeaseConfig(id, ThisProcess.name(), sinkIds, config.leaseDuration());
        Duration lockTimeout = leaseConfig.lockTimeout();
        this.locks = LeaseLocks.of(primary, schema, id, lockTimeout);
        this.leases = new LeaseKeeper(
                leaseConfig,
                new LeaseKeeper.Ports(
                        this::lock,
                        new LeaseStore(primary, schema, lockTimeout),
                        new MemberStore(primary, schema, lockTimeout),
                        probe,
                        RandomGenerator.getDefault()),
                new LeaseEvents(),
                this::openBreakers);
        this.claimThread = RelayThreads.single("claim", claims);
        this.leaseThread = RelayThreads.single("lease", leases);
        this.partitions = new PartitionChore(new CaptureStore(primary, schema), PARTITIONS_EVERY);
        this.partitionThread = RelayThreads.single("partitions", partitions);
        this.retention = new RetentionChore(new RetentionStore(primary, schema), config.retention());
        this.retentionThread = RelayThreads.single("retention", retention);
    }

    void start() {
        RelayLog.started(
                id.toString(), sinks.stream().map(ConfiguredSink::name).toList().toString());
        leaseThread.start();
        claimThread.start();
        partitionThread.start();
        retentionThread.start();
    }

    void wake() {
        claims.wake();
    }

    int lanesHeld(String sink) {
        return sinks.stream()
                .filter(configured -> configured.name().equals(sink))
                .mapToInt(configured -> leases.lanesHeld(configured.id()))
                .sum();
    }

    RelayStatus status() {
        Map<Short, Tripped> open = openBreakers();
        Map<String, String> byName = new HashMap<>();
        for (ConfiguredSink sink : sinks) {
            Tripped why = open.get(sink.id());
            if (why != null) {
                byName.put(sink.name(), why.reason());
            }
        }
        return new RelayStatus(
                id, leases.lanesHeld(), claims.applied(), claims.stale(), claims.coalesced(), byName, broken != null);
    }

    void stop() throws InterruptedException {
        boolean inTime = false;
        partitions.stop();
        retention.stop();
        leases.leave();
        try {
            inTime = claims.stop(config.shutdownTimeout(), claimThread);
        } finally {
            // Whatever went wrong above: a lease thread that went on would hold lanes that nobody claims from.
            leases.stop(leaseThread, Duration.ofSeconds(1));
            leases.release();
            heldLog.close();
            RelayLog.stopped(id.toString(), inTime);
        }
    }

    private Map<Short, Tripped> openBreakers() {
        Map<Short, Tripped> open = new HashMap<>();
        claims.tripped().forEach((sink, why) -> open.put(sink, new Tripped(why.reason(), why.sinceNanos())));
        return open;
    }

    private Optional<SimpleLock> lock(LockConfiguration configuration) {
        Optional<SimpleLock> lock = locks.lock(configuration);
        if (lock.isEmpty()) {
            // ShedLock takes an insert that failed for a row that is there, and would never insert it again; but
            // whoever
            // inserted it may have rolled back.
            locks.clearCache();
        }
        return lock;
    }

    private void broken(Error error) {
        broken = error;
        RelayLog.relayBroken(error);
        leaseThread.interrupt();
        claimThread.interrupt();
        partitions.stop();
        retention.stop();
    }

    private final class ClaimEvents implements ClaimLoop.Events {
        @Override
        public void rightLost(LaneRight right) {
            leases.giveUp(right);
        }

        @Override
        public void givenBack(Collection<LaneRight> rights) {
            leases.givenBack(rights);
        }

        @Override
        public void primaryChanged() {
            // ShedLock remembers which rows it has inserted and would only update them from then on.
            locks.clearCache();
            leases.lookNow();
        }

        @Override
        public void breakerChanged() {
            leases.breakerChanged();
        }

        @Override
        public void lanesHandedOver() {
            leases.lookNow();
        }

        @Override
        public void broken(Error error) {
            RelayRun.this.broken(error);
        }
    }

    private final class LeaseEvents implements LeaseKeeper.Events {
        @Override
        public void beating() {
            heldLog.summarise();
        }

        @Override
        public void taken(Taken lane) {
            claims.laneTaken(lane);
        }

        @Override
        public void lost(Lane lane) {
            claims.laneLost(lane);
            sinks.stream()
                    .filter(sink -> sink.id() == lane.sinkId())
                    .forEach(sink -> sink.observer().lanesLost(1));
        }

        @Override
        public void giveBack(Lane lane) {
            claims.giveBack(lane);
        }

        @Override
        public boolean isRunning(Lane lane) {
            return claims.isRunning(lane);
        }

        @Override
        public boolean makesProgress(Lane lane) {
            return claims.getsOn(lane, config.leaseDuration());
        }

        @Override
        public void broken(Error error) {
            RelayRun.this.broken(error);
        }
    }
}
