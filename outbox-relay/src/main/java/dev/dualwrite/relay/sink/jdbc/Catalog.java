package dev.dualwrite.relay.sink.jdbc;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads what the secondary has, in the caller's transaction. Confined to one thread; blocks on the database. */
final class Catalog {

    private final Connection connection;

    Catalog(Connection connection) {
        this.connection = connection;
    }

    /** What each further look may take at most. */
    void limit(Deadline deadline) throws SQLException {
        try (PreparedStatement limit = connection.prepareStatement(CatalogStatements.LIMIT)) {
            limit.setString(1, deadline.millisLeft());
            limit.execute();
        }
    }

    /** The whole self-description, for example {@code PostgreSQL 18.0 on x86_64 …}; imitations name themselves in it. */
    String product() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT version()");
                ResultSet row = select.executeQuery()) {
            row.next();
            return requireNonNull(row.getString(1));
        }
    }

    Optional<LiveTable> table(TableName name) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(CatalogStatements.SELECT_TABLE)) {
            select.setString(1, name.name());
            select.setString(2, name.schema());
            select.setString(3, name.schema());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(table(row)) : Optional.empty();
            }
        }
    }

    List<Candidate> tableNames() throws SQLException {
        var names = new ArrayList<Candidate>();
        try (PreparedStatement select = connection.prepareStatement(CatalogStatements.SELECT_TABLE_NAMES);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                names.add(new Candidate(row.getString(1), row.getString(2), row.getBoolean(3)));
            }
        }
        return names;
    }

    Tombstones tombstones(String schema) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(CatalogStatements.SELECT_TOMBSTONES);
                PreparedStatement mayCreate = connection.prepareStatement(CatalogStatements.SELECT_MAY_CREATE)) {
            select.setString(1, schema);
            try (ResultSet row = select.executeQuery()) {
                if (row.next()) {
                    return !row.getBoolean("durable") || !row.getBoolean("has_columns")
                            ? Tombstones.WRONG_SHAPE
                            : row.getBoolean("may_write") ? Tombstones.READY : Tombstones.FORBIDDEN;
                }
            }
            mayCreate.setString(1, schema);
            try (ResultSet row = mayCreate.executeQuery()) {
                return row.next() && row.getBoolean(1) ? Tombstones.CREATABLE : Tombstones.NOT_CREATABLE;
            }
        }
    }

    /** Creates the table unless somebody else did meanwhile. */
    void createTombstones(LiveTable table) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement(CatalogStatements.LOCK_TOMBSTONE_CREATION);
                PreparedStatement create = connection.prepareStatement(
                        CatalogStatements.CREATE_TOMBSTONES.formatted(table.tombstones()))) {
            lock.setString(1, table.schema());
            lock.execute();
            create.execute();
        }
    }

    /** A table that there is. */
    record Candidate(String schema, String name, boolean visible) {}

    /** What there is to keep deletions in. */
    enum Tombstones {
        READY,
        CREATABLE,
        NOT_CREATABLE,
        FORBIDDEN,
        WRONG_SHAPE
    }

    private LiveTable table(ResultSet row) throws SQLException {
        long oid = row.getLong("oid");
        try (PreparedStatement narrow = connection.prepareStatement(CatalogStatements.NARROW_SEARCH_PATH)) {
            narrow.execute();
        }
        return new LiveTable(
                requireNonNull(row.getString("nspname")),
                requireNonNull(row.getString("relname")),
                requireNonNull(row.getString("relkind")).charAt(0),
                requireNonNull(row.getString("relpersistence")).charAt(0),
                row.getBoolean("row_security"),
                row.getBoolean("may_use_schema"),
                row.getBoolean("may_delete"),
                columns(oid),
                uniqueKeys(oid));
    }

    private List<LiveColumn> columns(long oid) throws SQLException {
        var columns = new ArrayList<LiveColumn>();
        try (PreparedStatement select = connection.prepareStatement(CatalogStatements.SELECT_COLUMNS)) {
            select.setLong(1, oid);
            select.setLong(2, oid);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    columns.add(column(row));
                }
            }
        }
        return List.copyOf(columns);
    }

    private static LiveColumn column(ResultSet row) throws SQLException {
        return new LiveColumn(
                row.getString("attname"),
                row.getString("cast_type"),
                row.getString("shown_type"),
                ColumnKind.of(requireNonNull(row.getString("base_type")), requireNonNull(row.getString("category"))),
                row.getBoolean("attnotnull"),
                row.getBoolean("generated"),
                row.getBoolean("defaulted"),
                new LiveColumn.Privileges(
                        row.getBoolean("may_select"), row.getBoolean("may_insert"), row.getBoolean("may_update")));
    }

    private List<Set<String>> uniqueKeys(long oid) throws SQLException {
        Map<Long, Set<String>> keys = new LinkedHashMap<>();
        try (PreparedStatement select = connection.prepareStatement(CatalogStatements.SELECT_UNIQUE_KEYS)) {
            select.setLong(1, oid);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    keys.computeIfAbsent(row.getLong(1), index -> new LinkedHashSet<>())
                            .add(row.getString(2));
                }
            }
        }
        return List.copyOf(keys.values());
    }
}
