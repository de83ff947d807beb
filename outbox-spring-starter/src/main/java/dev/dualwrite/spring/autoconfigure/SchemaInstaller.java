package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.jdbc.Schema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;

/** What the modes {@code migrate} and {@code validate} do to a schema. Confined to one thread; blocks on the database. */
final class SchemaInstaller {

    private final DataSource dataSource;
    private final String schema;
    private final DatabaseFacts facts;
    private final Refusals refusals;

    SchemaInstaller(DataSource dataSource, String schema, DatabaseFacts facts) {
        this.dataSource = dataSource;
        this.schema = Schema.checkName(schema);
        this.facts = facts;
        this.refusals = new Refusals(facts, schema);
    }

    /**
     * Creates what is missing.
     *
     * @param installed whether the schema holds an outbox already
     * @param shardCount for a new installation
     */
    void migrate(boolean installed, int shardCount) {
        if (installed && !facts.historyExists()) {
            throw mistake(new Mistake(
                    "dualwrite.schema.mode is migrate, but schema '" + schema + "' has no " + SchemaFiles.HISTORY_TABLE
                            + ": its files were applied by hand",
                    "set dualwrite.schema.mode to none"));
        }
        if (!facts.schemaExists()) {
            if (!facts.mayCreateSchema()) {
                throw mistake(refusals.schemaNotCreatable());
            }
            createSchema();
        }
        try {
            new SchemaFiles(dataSource, schema, shardCount).migrate();
        } catch (FlywayException e) {
            throw refusals.explain("applying the migration files", e);
        }
    }

    /** Compares the history of an installed schema with the files. */
    void validate(int shardCount) {
        if (!facts.historyExists()) {
            throw mistake(new Mistake(
                    "dualwrite.schema.mode is validate, but schema '" + schema + "' has no " + SchemaFiles.HISTORY_TABLE
                            + " to compare with the migration files",
                    "set dualwrite.schema.mode to none if the files were applied by hand"));
        }
        List<String> differences;
        try {
            differences = new SchemaFiles(dataSource, schema, shardCount).differences();
        } catch (FlywayException e) {
            throw refusals.explain("comparing the history with the migration files", e);
        }
        if (!differences.isEmpty()) {
            throw new OutboxConfigurationException(differences.stream()
                    .map(difference -> new Mistake(
                            "the history of schema '" + schema + "' differs from the migration files: " + difference,
                            "set dualwrite.schema.mode to migrate if a file is missing; one that was changed must be put"
                                    + " back as it was released"))
                    .map(Mistake::text)
                    .toList());
        }
    }

    private void createSchema() {
        try (Connection connection = dataSource.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try (PreparedStatement lock = connection.prepareStatement(SchemaStatements.LOCK_SCHEMA_NAME);
                    Statement create = connection.createStatement()) {
                lock.setString(1, schema);
                lock.execute();
                create.execute(SchemaStatements.createSchema(schema));
                connection.commit();
            } finally {
                connection.rollback();
                connection.setAutoCommit(autoCommit);
            }
        } catch (SQLException e) {
            throw refusals.explain("creating it", e);
        }
    }

    private static OutboxConfigurationException mistake(Mistake mistake) {
        return new OutboxConfigurationException(List.of(mistake.text()));
    }
}
