package dev.dualwrite.relay.sink.jdbc;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A table as the secondary's catalog shows it. Immutable.
 *
 * @param kind the letter in {@code pg_class.relkind}
 * @param persistence the letter in {@code pg_class.relpersistence}
 * @param rowSecurity whether policies hide rows from the connection's user
 * @param mayUseSchema whether the connection's user has USAGE on the schema
 * @param mayDelete whether the connection's user has DELETE
 * @param columns in their order in the table
 * @param uniqueKeys the column sets of the unique indexes that ON CONFLICT can use
 */
record LiveTable(
        String schema,
        String name,
        char kind,
        char persistence,
        boolean rowSecurity,
        boolean mayUseSchema,
        boolean mayDelete,
        List<LiveColumn> columns,
        List<Set<String>> uniqueKeys) {

    Optional<LiveColumn> column(String columnName) {
        return columns.stream().filter(c -> c.name().equals(columnName)).findFirst();
    }

    List<String> columnNames() {
        return columns.stream().map(LiveColumn::name).toList();
    }

    String identifier() {
        return TableName.quote(schema) + "." + TableName.quote(name);
    }

    String tombstones() {
        return TableName.quote(schema) + ".dualwrite_tombstone";
    }

    @Override
    public String toString() {
        return schema + "." + name;
    }
}
