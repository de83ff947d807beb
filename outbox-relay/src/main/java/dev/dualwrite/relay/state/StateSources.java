package dev.dualwrite.relay.state;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.jdbc.CapturedTables;
import dev.dualwrite.outbox.jdbc.CapturedTables.CapturedTable;
import dev.dualwrite.outbox.spi.StateLoader;
import dev.dualwrite.relay.state.References.Loaders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

/**
 * Who loads which aggregate type at one primary: the loaders of the user's, then the tables of the configuration, then those that
 * are captured. Thread-safe.
 */
final class StateSources {

    private final Map<String, StateSource> known;
    private final Map<StateTable, StateSource> tables = new ConcurrentHashMap<>();
    private final CapturedTables captured;
    private final TableReader reader;

    StateSources(DataSource primary, String schema, Loaders loaders) {
        this.captured = new CapturedTables(primary, schema);
        this.reader = new TableReader(primary, schema);
        var all = new HashMap<String, StateSource>();
        loaders.tables().forEach(table -> all.put(table.aggregateType(), new TableSource(reader, table)));
        all.putAll(byType(loaders.own()));
        this.known = Map.copyOf(all);
    }

    /**
     * Who loads that type; empty, if nobody does here.
     *
     * <p>Which table is captured is asked each time, after the claim: so the answer is as new as the entries, also where a table
     * was released and another one captured in its place.
     *
     * @throws OutboxConfigurationException if it cannot be said which table it is
     */
    Optional<StateSource> of(String aggregateType) {
        StateSource source = known.get(aggregateType);
        if (source != null) {
            return Optional.of(source);
        }
        List<CapturedTable> found = captured.of(aggregateType);
        if (found.size() > 1) {
            throw new OutboxConfigurationException(List.of("aggregate type '" + aggregateType
                    + "' is captured with more than one table or key, " + found
                    + ", expected one: its ids would mean different rows. Next: release all but one,"
                    + " or capture each as a type of its own"));
        }
        return found.stream()
                .findFirst()
                .map(table -> tables.computeIfAbsent(
                        new StateTable(aggregateType, table.schema(), table.table(), table.keyColumns()),
                        key -> new TableSource(reader, key)));
    }

    private static Map<String, StateSource> byType(List<StateLoader> loaders) {
        var byType = new HashMap<String, StateLoader>();
        var mistakes = new ArrayList<String>();
        for (StateLoader loader : loaders) {
            for (String type : loader.aggregateTypes()) {
                StateLoader other = byType.putIfAbsent(type, loader);
                if (other != null) {
                    mistakes.add("aggregate type '" + type + "' has two StateLoaders, "
                            + other.getClass().getName() + " and "
                            + loader.getClass().getName() + ", expected one. Next: let only one of them name it");
                }
            }
        }
        if (!mistakes.isEmpty()) {
            throw new OutboxConfigurationException(mistakes);
        }
        var sources = new HashMap<String, StateSource>();
        byType.forEach((type, loader) -> sources.put(type, new LoaderSource(loader, type)));
        return sources;
    }
}
