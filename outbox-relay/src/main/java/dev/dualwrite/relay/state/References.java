package dev.dualwrite.relay.state;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.jdbc.VersionStore;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.StateLoader;
import dev.dualwrite.relay.state.ReferenceSink.Bounds;
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
     * @throws OutboxConfigurationException if two want the same aggregate type
     */
    public References(DataSource primary, String schema, Loaders loaders, Room room) {
        this.versions = new VersionStore(primary, schema);
        this.sources = new StateSources(primary, schema, loaders);
        this.room = room;
    }

    /**
     * Who loads, beside the tables that the primary's registry names; what comes first here wins.
     *
     * @param own loaders that read this primary, and no other
     * @param tables of this primary
     */
    public record Loaders(List<StateLoader> own, List<StateTable> tables) {

        public Loaders {
            own = List.copyOf(own);
            tables = List.copyOf(tables);
        }
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
     * @param timeout of one call: after it nothing is loaded and nothing is given to the sink any more. A call of the sink that
     *     began before has a time of its own
     */
    public Sink before(Sink sink, Duration timeout) {
        return new ReferenceSink(
                sink,
                versions,
                sources,
                new Bounds(new StateSource.Limits(room.payloadBytes(), room.bytes()), timeout));
    }
}
