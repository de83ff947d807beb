package dev.dualwrite.bench.drain;

import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Group.Bench;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;
import dev.dualwrite.relay.Relay;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A relay that finds a backlog: from its start, with the taking of lanes, until everything is settled; ordered, guarded, and
 * compared with what was appended at the end.
 */
final class RelayDrain implements Contender, AutoCloseable {

    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final String name;
    private final Database primary;
    private final short sinkId;
    private final Secondary secondary;
    private final Measured measured;
    private final Backlog backlog;

    /** So many entries, so many of them in a row for each order. */
    record Backlog(int entries, int entriesPerOrder) {
        int orders() {
            return entries / entriesPerOrder;
        }
    }

    RelayDrain(Bench bench, String name, int lanes, Backlog backlog) {
        this.name = name;
        String database = "drain_" + lanes + "_" + backlog.entriesPerOrder();
        this.primary = bench.primary().createDatabase(database);
        this.sinkId = primary.installOutbox(lanes, Relays.SINK);
        this.secondary = new Secondary(bench.secondary(), database, backlog.orders());
        this.measured = new Measured(bench.primary(), bench.secondary());
        this.backlog = backlog;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<Metric, Double> measure() throws Exception {
        prepare();
        Relay relay = Relays.relay(primary, sinkId, Relays.sink(secondary.database(), Secondary.TABLE));
        try {
            Map<Metric, Double> values = measured.of(backlog.entries(), () -> drain(relay));
            secondary.verify(name);
            return values;
        } finally {
            relay.stop();
        }
    }

    /** Statements of both servers for each entry of one more drain, which is not timed; with BEGIN, COMMIT and settings. */
    double statementsOfAnEntry() throws Exception {
        prepare();
        Cluster copies = secondary.database().cluster();
        primary.cluster().countStatements(true);
        copies.countStatements(true);
        try (var entries = primary.countedPool();
                var copy = secondary.database().countedPool()) {
            Relay relay = Relays.relay(entries, sinkId, Relays.sink(copy, Secondary.TABLE));
            try {
                drain(relay);
            } finally {
                relay.stop();
            }
            long statements = primary.cluster().statements(primary.name())
                    + copies.statements(secondary.database().name());
            secondary.verify(name);
            return (double) statements / backlog.entries();
        } finally {
            primary.cluster().countStatements(false);
            copies.countStatements(false);
        }
    }

    private void prepare() {
        secondary.reset();
        // Before the backlog and not after it: entries live for seconds, few of them see a checkpoint.
        primary.cluster().checkpoint();
        Orders.fill(primary, sinkId, backlog.entries(), backlog.entriesPerOrder());
        primary.run("VACUUM ANALYZE dualwrite.outbox_entry");
    }

    private void drain(Relay relay) {
        relay.start();
        long begin = System.nanoTime();
        while (relay.status().applied() + relay.status().coalesced() < backlog.entries() || !isSettled()) {
            if (System.nanoTime() - begin > PATIENCE_NANOS) {
                throw new IllegalStateException(
                        name + " did not come to its end: " + relay.status() + " of " + backlog.entries() + " entries");
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
    }

    private boolean isSettled() {
        return primary.number("SELECT count(*) FROM (SELECT FROM dualwrite.outbox_entry LIMIT 1) AS e") == 0;
    }

    @Override
    public void close() {
        primary.close();
        secondary.close();
    }
}
