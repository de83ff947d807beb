package dev.dualwrite.bench.pods;

import dev.dualwrite.bench.drain.Secondary;
import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Group.Bench;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;
import dev.dualwrite.bench.store.Usage;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Relays on one database that hold their shares of its lanes all the time: while a person pauses the sink a backlog is filled, then
 * the pause ends. Measured from the first call of a sink until everything is settled.
 *
 * <p>They share this process: one JIT, one heap and one collector, where pods would each have their own.
 */
final class PodsDrain implements Contender, AutoCloseable {

    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Crowd crowd;
    private final String name;
    private final Database primary;
    private final short sinkId;
    private final Secondary secondary;
    private final int entries;
    private final FirstCall firstCall = new FirstCall();
    private final List<RelayPod> pods = new ArrayList<>();

    /** How many relays share how many lanes. */
    record Crowd(int pods, int shards) {
        int lanesEach() {
            return shards / pods;
        }
    }

    PodsDrain(Bench bench, Crowd crowd, int entries) throws SQLException {
        this.crowd = crowd;
        this.name = crowd.pods() == 1 ? "1 pod" : crowd.pods() + " pods";
        String database = "pods_" + crowd.pods();
        this.primary = bench.primary().createDatabase(database);
        this.sinkId = primary.installOutbox(crowd.shards(), Relays.SINK);
        this.secondary = new Secondary(bench.secondary(), database, entries);
        this.entries = entries;
        for (int i = 0; i < crowd.pods(); i++) {
            var pod = new RelayPod(primary, sinkId, secondary.database(), firstCall);
            pods.add(pod);
            pod.relay().start();
        }
    }

    /** Blocks until every lane is held, each relay having its share. */
    void awaitShares() {
        await(
                () -> pods.stream().allMatch(pod -> pod.relay().status().lanesHeld() == crowd.lanesEach()),
                "lanes are not spread evenly");
    }

    /** Blocks until every lane is held, by whomever: sooner, and enough where nothing is compared. */
    void awaitLanes() {
        await(
                () -> pods.stream()
                                .mapToInt(pod -> pod.relay().status().lanesHeld())
                                .sum()
                        == crowd.shards(),
                "lanes are not held");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<Metric, Double> measure() throws Exception {
        secondary.reset();
        // Before the backlog and not after it, as where one relay drains.
        primary.cluster().checkpoint();
        primary.sql()
                .sql("SELECT dualwrite.pause_sink(?, 'benchmark: fills a backlog')")
                .param(Relays.SINK)
                .query()
                .singleValue();
        Orders.fill(primary, sinkId, entries);
        primary.run("VACUUM ANALYZE dualwrite.outbox_entry");
        firstCall.arm();
        long before = done();
        Usage primaryBefore = primary.cluster().usage();
        Usage secondaryBefore = secondary.database().cluster().usage();
        resume();
        firstCall.await(PATIENCE);
        long begin = System.nanoTime();
        await(() -> done() - before >= entries && isSettled(), "the backlog is not drained");
        double seconds = (System.nanoTime() - begin) / (double) TimeUnit.SECONDS.toNanos(1);
        double cpuNanos = primary.cluster().usage().since(primaryBefore).cpuNanos()
                + secondary.database().cluster().usage().since(secondaryBefore).cpuNanos();
        secondary.verify(name);
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        values.put(Metric.ENTRIES_PER_SECOND, entries / seconds);
        values.put(Metric.DATABASE_CPU, cpuNanos / TimeUnit.MICROSECONDS.toNanos(1) / entries);
        return values;
    }

    /** All are told at once, as by NOTIFY: how soon a poll would see it is nothing of a steady drain. */
    private void resume() {
        primary.sql()
                .sql("SELECT dualwrite.resume_sink(?, 'benchmark: the backlog is there')")
                .param(Relays.SINK)
                .query()
                .singleValue();
        pods.forEach(pod -> pod.relay().wake());
    }

    private long done() {
        return pods.stream()
                .map(pod -> pod.relay().status())
                .mapToLong(status -> status.applied() + status.coalesced())
                .sum();
    }

    private boolean isSettled() {
        return primary.number("SELECT count(*) FROM (SELECT FROM dualwrite.outbox_entry LIMIT 1) AS e") == 0;
    }

    private void await(BooleanSupplier condition, String otherwise) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new IllegalStateException(name + ": " + otherwise + " after " + PATIENCE);
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (RelayPod pod : pods) {
            pod.close();
        }
        primary.close();
        secondary.close();
    }
}
