package dev.dualwrite.bench.pods;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.bench.drain.Secondary;
import dev.dualwrite.bench.pod.Place;
import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.relay.Relay;
import java.sql.SQLException;

/** A relay with pools of its own, as in a process of its own. */
final class RelayPod implements AutoCloseable {

    /** What a pod has by default: four threads for its sink, each with a thread that settles, and three threads beside them. */
    private static final int THREADS = 4;

    private static final int PRIMARY_CONNECTIONS = 3 + 2 * THREADS;

    private final HikariDataSource primary;
    private final HikariDataSource secondary;
    private final Relay relay;

    /** One that is not started. */
    RelayPod(Database primary, short sinkId, Database secondary, FirstCall firstCall) throws SQLException {
        this.primary = Place.of(primary).pool("pod-primary", PRIMARY_CONNECTIONS);
        this.secondary = Place.of(secondary).pool("pod-secondary", THREADS);
        this.relay = Relays.relay(this.primary, sinkId, firstCall.of(Relays.sink(this.secondary, Secondary.TABLE)));
    }

    Relay relay() {
        return relay;
    }

    @Override
    public void close() throws InterruptedException {
        relay.stop();
        primary.close();
        secondary.close();
    }
}
