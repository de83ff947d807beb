package dev.dualwrite.relay.sink.jdbc;

import dev.dualwrite.outbox.OutboxConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;

/** Finds every mistake that the configuration of a JDBC sink shows by itself. Confined to one thread; no I/O. */
final class JdbcSinkConfigCheck {

    private final String sink;
    private final List<String> mistakes = new ArrayList<>();

    JdbcSinkConfigCheck(String sink) {
        this.sink = sink;
    }

    /** Adds a mistake that the caller found, so that all come out together. */
    void add(String mistake) {
        mistakes.add(mistake);
    }

    /**
     * The checked configuration.
     *
     * @throws OutboxConfigurationException with every mistake
     */
    JdbcSinkConfig check(@Nullable String table, List<String> keyColumns, Map<String, String> columns, Written rest) {
        TableName name = tableName(table);
        checkKeyColumns(keyColumns);
        Map<String, JsonPointer> pointers = pointers(columns, keyColumns, rest.versionColumn());
        if (keyColumns.contains(rest.versionColumn())) {
            mistakes.add(property("version-column") + " is '" + rest.versionColumn()
                    + "', which is also a key column; expected a column of its own");
        }
        if (rest.timeout().isNegative() || rest.timeout().isZero()) {
            mistakes.add(property("sink-timeout") + " is " + rest.timeout() + ", expected more than zero");
        }
        if (name == null || !mistakes.isEmpty()) {
            throw new OutboxConfigurationException(mistakes);
        }
        return new JdbcSinkConfig(sink, name, keyColumns, pointers, rest.versionColumn(), rest.timeout());
    }

    /** What else was told. */
    record Written(String versionColumn, Duration timeout) {}

    private @Nullable TableName tableName(@Nullable String table) {
        if (table == null || table.isBlank()) {
            mistakes.add(property("table") + " is not set, expected the table of the secondary to keep in step");
            return null;
        }
        try {
            return TableName.parse(table);
        } catch (IllegalArgumentException e) {
            mistakes.add(property("table") + ": " + e.getMessage());
            return null;
        }
    }

    private void checkKeyColumns(List<String> keyColumns) {
        if (keyColumns.isEmpty()) {
            mistakes.add(property("key-columns")
                    + " is not set, expected the columns that hold the aggregate's id, in the order of its parts");
        } else if (new HashSet<>(keyColumns).size() < keyColumns.size()) {
            mistakes.add(property("key-columns") + " is " + keyColumns + ", expected each column once");
        }
    }

    private Map<String, JsonPointer> pointers(
            Map<String, String> columns, List<String> keyColumns, String versionColumn) {
        var pointers = new LinkedHashMap<String, JsonPointer>();
        // Sorted, so that every pod writes the same statement text whatever the order of its configuration.
        new TreeMap<>(columns).forEach((column, pointer) -> {
            if (keyColumns.contains(column)) {
                mistakes.add(property("columns") + " maps '" + column
                        + "', a key column, which is filled from the aggregate's id; remove the mapping");
            } else if (column.equals(versionColumn)) {
                mistakes.add(property("columns") + " maps '" + column
                        + "', the version column, which is filled with the entry's version; remove the mapping");
            }
            try {
                pointers.put(column, JsonPointer.compile(pointer));
            } catch (IllegalArgumentException e) {
                mistakes.add(property("columns." + column) + " is '" + pointer
                        + "', expected a JSON pointer, which begins with a slash: '/" + pointer + "'?");
            }
        });
        return pointers;
    }

    private String property(String setting) {
        return JdbcSinkConfig.property(sink, setting);
    }
}
