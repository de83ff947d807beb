package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.OutboxStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/**
 * What the primary looks like before anything is done to it, read by one statement. Immutable.
 *
 * @param user whom the service connects as
 * @param mayCreateSchema whether that user may create a schema in the database
 * @param nameIsReserved whether the schema's name is a word of SQL that cannot stand unquoted
 * @param historyExists whether our migration history is in the schema
 */
record DatabaseFacts(
        String database,
        String user,
        boolean schemaExists,
        boolean mayCreateSchema,
        boolean nameIsReserved,
        boolean historyExists) {

    // The oldest release that its makers still mend, and that our tests were run on.
    private static final int OLDEST_VERSION = 14;

    /**
     * Reads them.
     *
     * @throws OutboxConfigurationException if the database is not a PostgreSQL that can be used
     * @throws OutboxStoreException if it cannot be asked
     */
    static DatabaseFacts read(DataSource dataSource, String schema) {
        try (Connection connection = dataSource.getConnection()) {
            checkProduct(connection);
            try (PreparedStatement select = connection.prepareStatement(SchemaStatements.FACTS)) {
                select.setString(1, SchemaFiles.HISTORY_TABLE);
                select.setString(2, schema);
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    return new DatabaseFacts(
                            row.getString("database_name"),
                            row.getString("user_name"),
                            row.getBoolean("schema_exists"),
                            row.getBoolean("may_create_schema"),
                            row.getBoolean("name_is_reserved"),
                            row.getBoolean("history_exists"));
                }
            }
        } catch (SQLException e) {
            throw new OutboxStoreException("looking at " + PrimaryPlace.of(dataSource) + " failed", e);
        }
    }

    private static void checkProduct(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        int version = connection.getMetaData().getDatabaseMajorVersion();
        if (!product.equals("PostgreSQL") || version < OLDEST_VERSION) {
            throw new OutboxConfigurationException(List.of(new Mistake(
                            "the DataSource of the outbox is connected to " + product + " " + version
                                    + ", expected PostgreSQL " + OLDEST_VERSION + " or newer",
                            "name the DataSource bean of the PostgreSQL that holds the service's own rows in"
                                    + " dualwrite.outbox.data-source; where there is none (a test, a profile), exclude "
                                    + DualwriteAutoConfiguration.class.getName()
                                    + " with spring.autoconfigure.exclude")
                    .text()));
        }
    }
}
