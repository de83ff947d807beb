package dev.dualwrite.relay.sink.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Compares a sink's configuration with the table that there is, and finds every mistake. Confined to one thread; no I/O. */
final class TableCheck {

    private final JdbcSinkConfig config;
    private final LiveTable table;
    private final List<String> mistakes = new ArrayList<>();

    private TableCheck(JdbcSinkConfig config, LiveTable table) {
        this.config = config;
        this.table = table;
    }

    /** Empty if the sink can work. */
    static List<String> mistakes(JdbcSinkConfig config, LiveTable table) {
        var check = new TableCheck(config, table);
        check.checkTable();
        // The columns of a view say nothing about what could be written.
        if (check.mistakes.isEmpty()) {
            check.checkKey();
            check.checkVersion();
            check.checkColumns();
            check.checkPrivileges();
        }
        return check.mistakes;
    }

    private void checkTable() {
        if (table.kind() != 'r' && table.kind() != 'p') {
            mistakes.add("%s is %s, expected a table; name the table that holds the rows"
                    .formatted(
                            named("table"),
                            switch (table.kind()) {
                                case 'v' -> "a view";
                                case 'm' -> "a materialized view";
                                default -> "a foreign table";
                            }));
        } else if (table.persistence() != 'p') {
            mistakes.add(
                    ("%s is %s, expected a logged table: what is settled would be gone after a crash of the secondary;"
                                    + " run ALTER TABLE %s SET LOGGED")
                            .formatted(
                                    named("table"),
                                    table.persistence() == 'u' ? "unlogged" : "temporary",
                                    table.identifier()));
        }
        if (table.rowSecurity()) {
            mistakes.add(("%s has row security that hides rows from this user, so a newer row could go unseen;"
                            + " use a user with BYPASSRLS, or the table's owner")
                    .formatted(named("table")));
        }
    }

    private void checkKey() {
        boolean complete = true;
        for (String key : config.keyColumns()) {
            Optional<LiveColumn> column = present("key-columns", key);
            complete &= column.isPresent();
            column.filter(LiveColumn::generated).ifPresent(c -> mistakes.add(notWritable("key-columns", c)));
            column.filter(c -> !c.notNull())
                    .ifPresent(
                            c -> mistakes.add(("%s: column '%s' is nullable, expected NOT NULL: two rows could have the"
                                            + " same key; run ALTER TABLE %s ALTER COLUMN %s SET NOT NULL")
                                    .formatted(named("key-columns"), key, table.identifier(), TableName.quote(key))));
        }
        if (complete && !table.uniqueKeys().contains(Set.copyOf(config.keyColumns()))) {
            mistakes.add(
                    ("%s: there is no primary key or unique index on exactly %s (whole, valid and not deferrable), so"
                                    + " a row cannot be found again; there %s %s. Run ALTER TABLE %s ADD UNIQUE (%s), or correct"
                                    + " key-columns")
                            .formatted(
                                    named("key-columns"),
                                    config.keyColumns(),
                                    table.uniqueKeys().size() == 1 ? "is" : "are",
                                    table.uniqueKeys().isEmpty() ? "none" : table.uniqueKeys(),
                                    table.identifier(),
                                    String.join(
                                            ", ",
                                            config.keyColumns().stream()
                                                    .map(TableName::quote)
                                                    .toList())));
        }
    }

    private void checkVersion() {
        String name = config.versionColumn();
        Optional<LiveColumn> column = table.column(name);
        if (column.isEmpty()) {
            mistakes.add(("%s: column '%s' is missing; it guards each row against older writes. Run ALTER TABLE %s ADD"
                            + " COLUMN %s bigint NOT NULL DEFAULT 0;")
                    .formatted(named("version-column"), name, table.identifier(), TableName.quote(name)));
        } else if (!column.get().castType().equals("bigint") || column.get().generated()) {
            mistakes.add(
                    ("%s: column '%s' is %s%s, expected bigint: a version has 63 bits. Run ALTER TABLE %s ALTER COLUMN"
                                    + " %s TYPE bigint;")
                            .formatted(
                                    named("version-column"),
                                    name,
                                    column.get().generated() ? "generated " : "",
                                    column.get().shownType(),
                                    table.identifier(),
                                    TableName.quote(name)));
        }
    }

    private void checkColumns() {
        for (String name : config.columns().keySet()) {
            present("columns", name)
                    .filter(LiveColumn::generated)
                    .ifPresent(c -> mistakes.add(notWritable("columns", c)));
        }
        if (config.takesSameNames()) {
            return;
        }
        for (LiveColumn column : table.columns()) {
            boolean filled = config.columns().containsKey(column.name())
                    || config.keyColumns().contains(column.name())
                    || config.versionColumn().equals(column.name())
                    || column.generated()
                    || column.defaulted();
            if (column.notNull() && !filled) {
                mistakes.add(
                        ("%s: column '%s' is NOT NULL without a default, and nothing fills it; map it to a pointer into"
                                        + " the payload, or give it a default")
                                .formatted(named("columns"), column.name()));
            }
        }
    }

    private void checkPrivileges() {
        if (!table.mayUseSchema()) {
            missing("USAGE on schema " + TableName.quote(table.schema()), "");
        }
        missing("SELECT", c -> !c.privileges().select());
        missing("INSERT", c -> !c.privileges().insert());
        missing("UPDATE", c -> !c.privileges().update());
        if (!table.mayDelete()) {
            missing("DELETE on " + table.identifier(), "");
        }
    }

    private void missing(String privilege, Predicate<LiveColumn> lacks) {
        var columns = new TreeSet<String>();
        TablePlan.writtenColumns(config, table).stream().filter(lacks).forEach(c -> columns.add(c.name()));
        if (!columns.isEmpty()) {
            missing(privilege + " on " + table.identifier(), " for the columns " + columns);
        }
    }

    private void missing(String privilege, String where) {
        mistakes.add("%s: the sink's user lacks %s%s; run GRANT %s TO its role"
                .formatted(named("username"), privilege, where, privilege));
    }

    private Optional<LiveColumn> present(String setting, String name) {
        Optional<LiveColumn> column = table.column(name);
        if (column.isEmpty()) {
            mistakes.add("%s: column '%s' is missing; the table has %s"
                    .formatted(named(setting), name, table.columnNames()));
        }
        return column;
    }

    private String notWritable(String setting, LiveColumn column) {
        return "%s: column '%s' is generated by the database and cannot be written; %s"
                .formatted(
                        named(setting),
                        column.name(),
                        setting.equals("columns") ? "remove the mapping" : "make it GENERATED BY DEFAULT or plain");
    }

    /** The setting and the table: one without the other sends the reader searching. */
    private String named(String setting) {
        return config.property(setting) + " (table " + table + ")";
    }
}
