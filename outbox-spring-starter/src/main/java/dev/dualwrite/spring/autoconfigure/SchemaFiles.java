package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.jdbc.Schema;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/**
 * The migration files and their history, through a Flyway of our own. Never a bean: Boot's own Flyway would back off, and
 * the service's tables would no longer be migrated. Thread-safe; blocks on the database.
 */
final class SchemaFiles {

    static final String HISTORY_TABLE = "dualwrite_schema_history";

    private final Flyway flyway;

    SchemaFiles(DataSource dataSource, String schema, int shardCount) {
        FluentConfiguration configuration = Flyway.configure(Schema.class.getClassLoader())
                .dataSource(new ReadCommittedDataSource(dataSource))
                .defaultSchema(schema)
                .createSchemas(false)
                .table(HISTORY_TABLE)
                .locations("classpath:" + Schema.LOCATION)
                .failOnMissingLocations(true)
                .validateMigrationNaming(true)
                // Rights are no part of the schema's form: a DBA may see to them in another way, and later.
                .ignoreMigrationPatterns("*:future", "repeatable:*")
                .placeholders(Map.of("schema", schema, "shardCount", Integer.toString(shardCount)));
        if (PoolSize.isOne(dataSource)) {
            // Flyway holds its lock in a transaction on a second connection, which is the better way (it works through
            // pgbouncer, too), but would wait for that connection in vain. Then the lock belongs to the session.
            configuration
                    .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
                    .setTransactionalLock(false);
        }
        this.flyway = configuration.load();
    }

    /**
     * Applies the files that are missing. Several processes may do so at once: Flyway lets one after the other.
     *
     * @throws FlywayException if the database refuses, or if an applied file was changed
     */
    void migrate() {
        flyway.migrate();
    }

    /**
     * Compares the history with the files; changes nothing.
     *
     * @return what differs, one sentence each; empty if nothing does
     * @throws FlywayException if the database refuses
     */
    List<String> differences() {
        var result = flyway.validateWithResult();
        if (result.validationSuccessful) {
            return List.of();
        }
        List<String> differences = result.invalidMigrations.stream()
                .map(invalid -> invalid.errorDetails.errorMessage.strip())
                .toList();
        return differences.isEmpty() ? List.of(result.getAllErrorMessages().strip()) : differences;
    }
}
