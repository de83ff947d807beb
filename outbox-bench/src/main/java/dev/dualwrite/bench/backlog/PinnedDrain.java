package dev.dualwrite.bench.backlog;

import dev.dualwrite.bench.run.Progress;
import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.store.Database;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** An outbox with a relay, and perhaps a transaction beside it that stays open for as long as this does. */
final class PinnedDrain implements AutoCloseable {

    private final String name;
    private final Backlog backlog;
    private final MeteredRelay relay;
    private final @Nullable Pin pin;

    /** Opens a transaction. */
    interface Pinning {
        @Nullable
        Pin pin(Database primary) throws SQLException;
    }

    /** Where its parts are. */
    record Place(Cluster primary, Database secondary, int orders) {}

    PinnedDrain(String name, String database, Place place, Pinning pinning) throws SQLException {
        this.name = name;
        this.backlog = new Backlog(place.primary(), database, place.secondary(), place.orders());
        this.relay = new MeteredRelay(
                backlog.primary().pool(),
                backlog.sinkId(),
                place.secondary().pool(),
                backlog.copy().table());
        this.pin = pinning.pin(backlog.primary());
    }

    /** Lets entries go through the outbox, to nowhere: only what they leave behind in the primary is wanted. */
    void pass(int entries, Progress progress) throws Exception {
        progress.say(entries + " entries pass: " + name);
        relay.keep(false);
        relay.arm(entries);
        backlog.append(entries);
        relay.wake();
        relay.drained();
        backlog.passed();
        backlog.pause();
        relay.wake();
        relay.rest();
        relay.keep(true);
    }

    Slice slice(int entries) {
        return Slice.appendedTo(name, backlog, relay, entries);
    }

    @Override
    public void close() throws Exception {
        try (backlog;
                relay) {
            if (pin != null) {
                pin.close();
            }
        }
    }
}
