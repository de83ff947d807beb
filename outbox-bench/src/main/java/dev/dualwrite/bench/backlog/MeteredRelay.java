package dev.dualwrite.bench.backlog;

import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.RelayStatus;
import java.sql.SQLException;
import javax.sql.DataSource;

/** A running relay of this process, with defaults and the JDBC sink. */
final class MeteredRelay implements Draining, AutoCloseable {

    private final Meter meter;
    private final Relay relay;

    /** Starts it. */
    MeteredRelay(DataSource primary, short sinkId, DataSource secondary, String table) throws SQLException {
        this.meter = new Meter(Relays.sink(secondary, table));
        this.relay = Relays.relay(primary, sinkId, meter);
        relay.start();
    }

    /** See {@link Meter#keep}. */
    void keep(boolean on) {
        meter.keep(on);
    }

    @Override
    public void arm(long entries) {
        meter.arm(entries);
    }

    @Override
    public void wake() {
        relay.wake();
    }

    @Override
    public Drained drained() throws InterruptedException {
        return meter.drained();
    }

    @Override
    public long rest() throws InterruptedException {
        meter.rest();
        RelayStatus status = relay.status();
        return status.applied() + status.stale() + status.coalesced();
    }

    @Override
    public void close() throws InterruptedException {
        relay.stop();
    }
}
