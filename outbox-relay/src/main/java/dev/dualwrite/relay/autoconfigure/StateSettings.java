package dev.dualwrite.relay.autoconfigure;

import static java.util.Objects.requireNonNull;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.StateLoader;
import dev.dualwrite.relay.sink.jdbc.TableName;
import dev.dualwrite.relay.state.References.Loaders;
import dev.dualwrite.relay.state.StateTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/**
 * Who loads the states that references refer to, and how large they may be. Immutable.
 *
 * @param loaders beans; they read the application's own primary
 * @param tables of the configuration, at every primary
 * @param payloadMaxBytes of one state: what holds for a payload that a service appends holds for one that is loaded
 */
record StateSettings(List<StateLoader> loaders, List<StateTable> tables, long payloadMaxBytes) {

    StateSettings {
        loaders = List.copyOf(loaders);
        tables = List.copyOf(tables);
    }

    /**
     * Checked settings.
     *
     * @throws OutboxConfigurationException with every mistake
     */
    static StateSettings of(List<StateLoader> loaders, AggregatesProperties properties, Environment environment) {
        List<String> mistakes = mistakes(properties);
        if (!mistakes.isEmpty()) {
            throw new OutboxConfigurationException(mistakes);
        }
        var tables = new ArrayList<StateTable>();
        properties.aggregates().forEach((type, aggregate) -> {
            if (aggregate.state() != null) {
                TableName name =
                        TableName.parse(requireNonNull(aggregate.state().table()));
                tables.add(new StateTable(
                        type, name.schema(), name.name(), aggregate.state().keyColumns()));
            }
        });
        // The starter's property: the same limit as for a payload that is appended.
        DataSize max =
                environment.getProperty("dualwrite.outbox.payload-max-size", DataSize.class, DataSize.ofMegabytes(1));
        return new StateSettings(loaders, tables, max.toBytes());
    }

    /** Every mistake in the properties. */
    static List<String> mistakes(AggregatesProperties properties) {
        var mistakes = new ArrayList<String>();
        properties.aggregates().forEach((type, aggregate) -> {
            if (aggregate.state() != null) {
                check("dualwrite.aggregates." + type + ".state", aggregate.state(), mistakes);
            }
        });
        return mistakes;
    }

    Loaders ofTheFirst() {
        return new Loaders(loaders, tables);
    }

    /** Beans know nothing of further primaries. */
    Loaders ofOthers() {
        return new Loaders(List.of(), tables);
    }

    private static void check(String prefix, AggregatesProperties.State state, List<String> mistakes) {
        if (state.table() == null || state.table().isBlank()) {
            mistakes.add(prefix + ".table is not set, expected the table or view that has the rows. Next: set it");
        } else {
            try {
                TableName.parse(state.table());
            } catch (IllegalArgumentException e) {
                mistakes.add(prefix + ".table: " + e.getMessage() + ". Next: correct it");
            }
        }
        if (state.keyColumns().isEmpty() || state.keyColumns().stream().anyMatch(String::isBlank)) {
            mistakes.add(
                    prefix + ".key-columns is " + state.keyColumns()
                            + ", expected the columns that the parts of the aggregate id are in. Next: name them, in that order");
        } else if (new HashSet<>(state.keyColumns()).size() < state.keyColumns().size()) {
            mistakes.add(
                    prefix + ".key-columns is " + state.keyColumns() + ", expected each column once. Next: correct it");
        }
    }
}
