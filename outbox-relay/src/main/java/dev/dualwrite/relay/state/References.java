package dev.dualwrite.relay.state;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.jdbc.VersionStore;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.StateLoader;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;

/**
 * Puts states in the place of references, in front of the sinks of one primary: versions are drawn there, and tables read there.
 * Thread-safe; no I/O before the first reference.
 */
public final class References {

    private final VersionStore versions;
    private final StateSources sources;
    private final Room room;

    /**
     * Of one primary.
     *
     * @param primary connections to it in autocommit mode
     * @param schema of its outbox
     * @param loaders that read this primary, and no other; they come before tables
     * @throws OutboxConfigurationException if two loaders want the same aggregate type
     */
    public References(DataSource primary, String schema, List<StateLoader> loaders, Room room) {
        this.versions = new VersionStore(primary, schema);
        this.sources = new StateSources(primary, schema, loaders);
        this.room = room;
    }

    /**
     * What loaded states may take.
     *
     * @param payloadBytes of one state; a larger one is rejected
     * @param bytes of the states that are in memory for one call of a sink; a larger one comes alone
     */
    public record Room(long payloadBytes, long bytes) {}

    /**
     * The sink, behind the loading of what its entries refer to.
     *
     * @param timeout of one call, loading included
     */
    public Sink before(Sink sink, Duration timeout) {
        return new ReferenceSink(
                sink, versions, sources, new StateSource.Limits(room.payloadBytes(), room.bytes(), timeout));
    }
}
