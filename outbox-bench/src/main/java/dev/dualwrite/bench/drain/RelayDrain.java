package dev.dualwrite.bench.drain;

import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Group.Bench;
import dev.dualwrite.bench.run.Metric;
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
        secondary.reset();
        // Before the backlog and not after it: entries live for seconds, few of them see a checkpoint.
        primary.cluster().checkpoint();
        Orders.fill(primary, sinkId, backlog.entries(), backlog.entriesPerOrder());
        primary.run("VACUUM ANALYZE dualwrite.outbox_entry");
        Relay relay = Relays.relay(primary, sinkId, Relays.sink(secondary.database(), Secondary.TABLE));
        Map<Metric, Double> values = measured.of(backlog.entries(), () -> {
            relay.start();
            while (relay.status().applied() + relay.status().coalesced() < backlog.entries() || !isSettled()) {
                LockSupport.parkNanos(LOOK_EVERY_NANOS);
            }
        });
        relay.stop();
        secondary.verify(name);
        return values;
    }

    /** Statements of both servers for each entry of one more drain, which is not timed. */
    double statementsOfAnEntry() throws Exception {
        Database copy = secondary.database();
        secondary.reset();
        Orders.fill(primary, sinkId, backlog.entries(), backlog.entriesPerOrder());
        Relay relay = Relays.relay(primary, sinkId, Relays.sink(copy, Secondary.TABLE));
        primary.cluster().countStatements(true);
        copy.cluster().countStatements(true);
        relay.start();
        while (relay.status().applied() + relay.status().coalesced() < backlog.entries()) {
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
        relay.stop();
        long statements =
                primary.cluster().statements(primary.name()) + copy.cluster().statements(copy.name());
        primary.cluster().countStatements(false);
        copy.cluster().countStatements(false);
        secondary.verify(name);
        return (double) statements / backlog.entries();
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
