package dev.dualwrite.relay.autoconfigure;

import static java.util.Objects.requireNonNull;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.spring.autoconfigure.OwnConnections;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The further primaries that were looked at when the context started, and what is wrong with them: mistakes are reported with
 * those of all other properties. One that is down is no mistake. Immutable but for its pools; blocks for at most 5 s for each.
 */
final class PrimaryDatabases implements AutoCloseable {

    private final List<PrimaryDatabase> all = new ArrayList<>();
    private final List<String> mistakes = new ArrayList<>();

    /**
     * Looks at all of them.
     *
     * @param defined every sink that is configured or a bean
     * @param ofTheFirst sinks of the application's own DataSource
     */
    PrimaryDatabases(RelayProperties properties, Set<String> defined, Set<String> ofTheFirst) {
        Map<String, PrimaryProperties> primaries = properties.primaries();
        mistakes.addAll(PrimaryMistakes.inProperties(primaries, defined, ofTheFirst));
        primaries.forEach((name, primary) -> {
            if (PrimaryMistakes.canBeAsked(primary)) {
                open(name, primary, properties);
            }
        });
    }

    private void open(String name, PrimaryProperties primary, RelayProperties relay) {
        var place = new OwnConnections.Place(requireNonNull(primary.url()), primary.username(), primary.password());
        int connections = RelayDataSource.connections(primary.sinks().size(), relay.threads());
        PrimaryDatabase database;
        try {
            database = PrimaryDatabase.open(name, primary, place, connections, relay.leaseDuration());
        } catch (RuntimeException e) {
            mistakes.add(PrimaryMistakes.inDriver(name));
            return;
        }
        all.add(database);
        try {
            database.mistake().ifPresent(mistakes::add);
        } catch (OutboxStoreException e) {
            // Down: its relay logs it, and tries until it is up.
        }
    }

    List<PrimaryDatabase> all() {
        return List.copyOf(all);
    }

    List<String> mistakes() {
        return List.copyOf(mistakes);
    }

    @Override
    public void close() {
        all.forEach(PrimaryDatabase::close);
    }
}
