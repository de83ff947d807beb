package dev.dualwrite.bench.drain;

import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.bench.run.Contender;
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

    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final String name;
    private final Database primary;
    private final short sinkId;
    private final Secondary secondary;
    private final Measured measured;
    private final Backlog backlog;

    /** So many entries, so many of them in a row for each order. */
    record Backlog(int entries, int entriesPerOrder) {}

    RelayDrain(String name, Cluster cluster, int shards, Secondary secondary, Measured measured, Backlog backlog) {
        this.name = name;
        this.primary = cluster.createDatabase("drain_" + shards + "_" + backlog.entriesPerOrder());
        this.sinkId = primary.installOutbox(shards, Relays.SINK);
        this.secondary = secondary;
        this.measured = measured;
        this.backlog = backlog;
    }

    @Override
    public String name() {
        return name;
    }

    Database primary() {
        return primary;
    }

    @Override
    public Map<Metric, Double> measure() throws Exception {
        secondary.reset();
        Orders.fill(primary, sinkId, backlog.entries(), backlog.entriesPerOrder());
        primary.run("VACUUM ANALYZE dualwrite.outbox_entry");
        primary.cluster().checkpoint();
        Relay relay = Relays.relay(primary, sinkId, Relays.sink(secondary.database(), Secondary.TABLE));
        Map<Metric, Double> values = measured.of(backlog.entries(), () -> {
            relay.start();
            while (relay.status().applied() + relay.status().coalesced() < backlog.entries() || !isSettled()) {
                LockSupport.parkNanos(LOOK_EVERY_NANOS);
            }
        });
        relay.stop();
        if (backlog.entriesPerOrder() == 1) {
            secondary.verify(name);
        }
        return values;
    }

    private boolean isSettled() {
        return primary.number("SELECT count(*) FROM (SELECT FROM dualwrite.outbox_entry LIMIT 1) AS e") == 0;
    }

    @Override
    public void close() {
        primary.close();
    }
}
