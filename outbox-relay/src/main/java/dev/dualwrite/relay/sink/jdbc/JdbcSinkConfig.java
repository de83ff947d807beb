package dev.dualwrite.relay.sink.jdbc;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonPointer;

/**
 * What a JDBC sink was told, checked as far as that goes without the database. Immutable.
 *
 * @param name of the sink, for messages
 * @param keyColumns in the order of the aggregate id's parts
 * @param columns secondary column to JSON pointer; empty: the payload's top-level fields of the same names
 * @param timeout of one call of apply
 */
record JdbcSinkConfig(
        String name,
        TableName table,
        List<String> keyColumns,
        Map<String, JsonPointer> columns,
        String versionColumn,
        Duration timeout) {

    static final String DEFAULT_VERSION_COLUMN = "dualwrite_version";

    JdbcSinkConfig {
        keyColumns = List.copyOf(keyColumns);
        columns = new LinkedHashMap<>(columns);
    }

    /** The name of a setting as the configuration file has it. */
    static String property(String sink, String setting) {
        return "dualwrite.sinks." + sink + "." + setting;
    }

    String property(String setting) {
        return property(name, setting);
    }

    boolean takesSameNames() {
        return columns.isEmpty();
    }
}
