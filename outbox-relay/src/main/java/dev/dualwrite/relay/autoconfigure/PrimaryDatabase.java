package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.spring.autoconfigure.OwnConnections;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;

/**
 * A further primary as a database: its pool, its schema, the sinks that its entries go to. Thread-safe. Nothing is ever
 * installed or migrated there; that is up to the service that owns it.
 */
final class PrimaryDatabase implements AutoCloseable {

    private final String name;
    private final PrimaryProperties properties;
    private final OwnConnections pool;
    private final ControlStore control;

    private PrimaryDatabase(String name, PrimaryProperties properties, OwnConnections pool) {
        this.name = name;
        this.properties = properties;
        this.pool = pool;
        this.control = new ControlStore(pool.dataSource(), properties.schema());
    }

    /**
     * One with a pool of its own, whether or not it can be reached now.
     *
     * @param place the same as in the properties, checked
     * @throws RuntimeException if no driver takes the URL
     */
    static PrimaryDatabase open(
            String name, PrimaryProperties properties, OwnConnections.Place place, int connections, Duration lease) {
        var use = new OwnConnections.Use("dualwrite-relay-" + name, connections, lease, true);
        return new PrimaryDatabase(name, properties, OwnConnections.at(place, use));
    }

    String name() {
        return name;
    }

    String schema() {
        return properties.schema();
    }

    Set<String> sinks() {
        return Set.copyOf(properties.sinks());
    }

    DataSource connections() {
        return pool.dataSource();
    }

    /**
     * What a person must change before a relay can work there.
     *
     * @throws OutboxStoreException if it cannot be asked now
     */
    Optional<String> mistake() {
        try {
            return PrimaryMistakes.inSchema(name, schema(), control.read());
        } catch (OutboxStoreException e) {
            Optional<String> refusal = PrimaryMistakes.inRefusal(name, e.sqlState());
            if (refusal.isEmpty()) {
                throw e;
            }
            return refusal;
        }
    }

    /**
     * The numbers of its sinks; asking twice has the effect of once.
     *
     * @throws OutboxStoreException if it cannot be asked now
     */
    Map<String, Short> register(Duration stuckAfter) {
        control.storeStuckAfter(stuckAfter);
        return control.registerSinks(List.copyOf(sinks()));
    }

    @Override
    public void close() {
        pool.close();
    }
}
