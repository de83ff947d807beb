package dev.dualwrite.relay.sink.jdbc;

import dev.dualwrite.outbox.OutboxConfigurationException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at the secondary, checks the configuration against it, and makes the plan. Thread-safe. */
final class TableInspection {

    private final JdbcSinkConfig config;

    TableInspection(JdbcSinkConfig config) {
        this.config = config;
    }

    /**
     * The plan; the table of tombstones is there afterwards, if the transaction commits.
     *
     * @param connection in a transaction
     * @throws OutboxConfigurationException with every mistake
     * @throws SQLException if the secondary cannot be asked
     */
    TablePlan plan(Connection connection) throws SQLException {
        var catalog = new Catalog(connection);
        checkProduct(connection.getMetaData(), catalog);
        catalog.limit(Deadline.after(config.timeout()));
        Optional<LiveTable> found = catalog.table(config.table());
        if (found.isEmpty()) {
            throw new OutboxConfigurationException(List.of(missing(catalog)));
        }
        LiveTable table = found.get();
        List<String> mistakes = new ArrayList<>(TableCheck.mistakes(config, table));
        Catalog.Tombstones tombstones = catalog.tombstones(table.schema());
        tombstoneMistake(tombstones, table).ifPresent(mistakes::add);
        if (!mistakes.isEmpty()) {
            throw new OutboxConfigurationException(mistakes);
        }
        if (tombstones == Catalog.Tombstones.CREATABLE) {
            catalog.createTombstones(table);
        }
        return new TablePlan(config, table);
    }

    private void checkProduct(DatabaseMetaData metaData, Catalog catalog) throws SQLException {
        String product = metaData.getDatabaseProductName();
        Optional<String> mistake = product.equals("PostgreSQL")
                ? SupportedServer.mistake(catalog.product(), metaData.getDatabaseMajorVersion())
                : SupportedServer.mistake(product, 0);
        if (mistake.isPresent()) {
            throw new OutboxConfigurationException(
                    List.of("sink " + config.name() + " (" + config.property("url") + "): " + mistake.get()));
        }
    }

    private String missing(Catalog catalog) throws SQLException {
        List<Catalog.Candidate> all = catalog.tableNames();
        String schema = config.table().schema();
        List<String> alike = LookAlikes.of(
                config.table().name(),
                all.stream()
                        .filter(c -> schema == null ? c.visible() : c.schema().equals(schema))
                        .map(Catalog.Candidate::name));
        List<String> elsewhere = all.stream()
                .filter(c -> c.name().equals(config.table().name()))
                .map(c -> c.schema() + "." + c.name())
                .toList();
        return config.property("table") + ": the secondary has no table '" + config.table() + "' "
                + (schema == null ? "in the search path of its connections" : "in schema '" + schema + "'")
                + (alike.isEmpty() ? "" : "; like it are " + alike)
                + (elsewhere.isEmpty() ? "" : "; of this name there is " + elsewhere)
                + ". Correct the name (letter case counts), or create the table";
    }

    private Optional<String> tombstoneMistake(Catalog.Tombstones tombstones, LiveTable table) {
        String ddl = CatalogStatements.CREATE_TOMBSTONES.formatted(table.tombstones());
        String name = config.property("table") + ": the table of deletions " + table.tombstones();
        return switch (tombstones) {
            case READY, CREATABLE -> Optional.empty();
            case NOT_CREATABLE ->
                Optional.of(name + " is missing, and the sink's user may not create it (CREATE on schema "
                        + TableName.quote(table.schema()) + "). Grant that, or run:\n" + ddl);
            case FORBIDDEN ->
                Optional.of(
                        name + ": the sink's user lacks SELECT, INSERT or UPDATE; run GRANT SELECT, INSERT, UPDATE ON "
                                + table.tombstones() + " TO its role");
            case WRONG_SHAPE ->
                Optional.of(name + " exists, but is not the one that is needed. Rename it, or make it like:\n" + ddl);
        };
    }
}
