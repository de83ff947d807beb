package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.postgres.TestDatabases;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each mode does to each state that a schema can be in. */
class SchemaModesIT {

    private static final String VALIDATE = "dualwrite.schema.mode=validate";
    private static final String NONE = "dualwrite.schema.mode=none";

    private final Sql sql = new Sql(TestDatabases.create());

    @Test
    void migrateInstallsIntoAnEmptyDatabaseAndNowhereElse() throws SQLException {
        start();

        assertThat(sql.tables("dualwrite")).contains("control", "dualwrite_schema_history", "outbox_entry", "sink");
        assertThat(sql.tables("public")).isEmpty();
        assertThat(sql.query("SELECT nspname FROM pg_namespace WHERE oid >= 16384"))
                .containsExactly("dualwrite");
    }

    @Test
    void secondStartChangesNothing() throws SQLException {
        start();
        List<String> before = state();

        start();

        assertThat(state()).isEqualTo(before);
    }

    @Test
    void schemaThatIsThereButEmptyIsFilled() throws SQLException {
        sql.execute("CREATE SCHEMA dualwrite");

        start();

        assertThat(sql.tables("dualwrite")).contains("control");
    }

    @Test
    void schemaThatHoldsSomethingElseIsLeftAlone() throws SQLException {
        sql.execute("CREATE SCHEMA dualwrite CREATE TABLE mine (id int)");

        assertThat(failure()).contains("non-empty schema").contains("must hold nothing but the outbox");
        assertThat(sql.tables("dualwrite")).containsExactly("mine");
    }

    @Test
    void absentSchemaStopsValidateAndNoneAndIsNotCreated() throws SQLException {
        assertThat(failure(VALIDATE))
                .contains("schema 'dualwrite' is not installed, expected version " + Schema.VERSION)
                .contains("set dualwrite.schema.mode to migrate")
                .contains("${shardCount} = 16");
        assertThat(failure(NONE)).contains("is not installed").contains("administrator apply the files");
        assertThat(sql.query("SELECT nspname FROM pg_namespace WHERE oid >= 16384"))
                .isEmpty();
    }

    @Test
    void validateAcceptsWhatMigrateInstalled() throws SQLException {
        start();
        List<String> before = state();

        start(VALIDATE);

        assertThat(state()).isEqualTo(before);
    }

    @Test
    void validateRefusesAFileThatWasChangedAfterItsInstallation() throws SQLException {
        start();
        sql.execute("UPDATE dualwrite.dualwrite_schema_history SET checksum = checksum + 1");

        assertThat(failure(VALIDATE)).contains("checksum mismatch").contains("put back as it was released");
    }

    @Test
    void validateRefusesAHistoryThatMissesAFile() throws SQLException {
        start();
        sql.execute("DELETE FROM dualwrite.dualwrite_schema_history");

        assertThat(failure(VALIDATE)).contains("not applied to database: 1");
    }

    @Test
    void filesAppliedByHandAreGoodForNoneOnly() throws SQLException {
        applyByHand(32);

        start(NONE);
        assertThat(failure(VALIDATE))
                .contains("has no dualwrite_schema_history")
                .contains("mode to none");
        assertThat(failure()).contains("applied by hand").contains("set dualwrite.schema.mode to none");
        assertThat(sql.tables("dualwrite")).doesNotContain("dualwrite_schema_history");
    }

    @ParameterizedTest
    @EnumSource(SchemaMode.class)
    void schemaOfANewerVersionStopsTheStartAndIsNotTouched(SchemaMode mode) throws SQLException {
        start();
        sql.execute("UPDATE dualwrite.control SET schema_version = 7");
        // A newer version may also keep its history in another way.
        sql.execute("DELETE FROM dualwrite.dualwrite_schema_history");
        List<String> before = state();

        assertThat(failure("dualwrite.schema.mode=" + mode))
                .contains("has version 7, this version of Dualwrite works with version " + Schema.VERSION + " only")
                .contains("start this service with that newer version");
        assertThat(state()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(SchemaMode.class)
    void schemaThatIsStillTooOldStopsTheStart(SchemaMode mode) throws SQLException {
        start();
        sql.execute("UPDATE dualwrite.control SET schema_version = 0");

        assertThat(failure("dualwrite.schema.mode=" + mode))
                .contains("has version 0, expected version " + Schema.VERSION)
                .contains("the files after V0 up to V" + Schema.VERSION);
    }

    @Test
    void shardCountIsFixedAtInstall() throws SQLException {
        start("dualwrite.shard-count=32");

        Starter.at(sql)
                .run(context -> assertThat(
                                context.getBean(OutboxInstallation.class).shardCount())
                        .isEqualTo(32));
        assertThat(failure("dualwrite.shard-count=16"))
                .contains("dualwrite.shard-count is 16, but schema 'dualwrite' was installed with 32")
                .contains("remove dualwrite.shard-count, or set it to 32");
        start("dualwrite.shard-count=32");
    }

    @Test
    void shardCountIsSixteenUnlessSet() {
        Starter.at(sql)
                .run(context -> assertThat(
                                context.getBean(OutboxInstallation.class).shardCount())
                        .isEqualTo(16));
    }

    @Test
    void userWhoMayNotCreateTheSchemaIsToldWhichGrantIsMissing() throws SQLException {
        String user = user();

        assertThat(failureOf(user))
                .contains("user '" + user + "' may not create the schema 'dualwrite'")
                .contains("GRANT CREATE ON DATABASE " + sql.database().name() + " TO " + user)
                .contains("dualwrite.schema.mode to validate");

        sql.execute("GRANT CREATE ON DATABASE " + sql.database().name() + " TO " + user);
        Starter.withoutDataSource()
                .withPropertyValues(sql.propertiesOf(user))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void userWhoMayNotFillTheSchemaIsToldWhichGrantIsMissing() throws SQLException {
        String user = user();
        sql.execute("CREATE SCHEMA dualwrite");

        assertThat(failureOf(user))
                .contains("is not allowed to user '" + user + "'")
                .contains("must own the schema");
    }

    @Test
    void userWhoMayNotReadTheSchemaIsToldWhichGrantIsMissing() throws SQLException {
        start();
        String user = user();

        assertThat(failureOf(user, NONE))
                .contains("reading the control row")
                .contains("GRANT USAGE ON SCHEMA dualwrite TO " + user);
    }

    @Test
    void userWhoMayOnlyReadIsEnoughForValidate() throws SQLException {
        start();
        String user = user();
        sql.execute("GRANT USAGE ON SCHEMA dualwrite TO " + user);
        sql.execute("GRANT SELECT ON ALL TABLES IN SCHEMA dualwrite TO " + user);

        Starter.withoutDataSource()
                .withPropertyValues(sql.propertiesOf(user, VALIDATE))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void reservedWordOfTheDatabaseIsNoSchemaName() {
        assertThat(failure("dualwrite.schema.name=order")).contains("'order', a reserved word");
    }

    @Test
    void poolOfOneConnectionIsEnough() {
        Starter.at(sql)
                .withPropertyValues(
                        "spring.datasource.hikari.maximum-pool-size=1",
                        "spring.datasource.hikari.connection-timeout=5000",
                        "dualwrite.outbox.sinks=copy")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void poolIsLeftAsItWas() throws SQLException {
        Starter.at(sql)
                .withPropertyValues(
                        "spring.datasource.hikari.maximum-pool-size=1",
                        "spring.datasource.hikari.auto-commit=false",
                        "spring.datasource.hikari.transaction-isolation=TRANSACTION_SERIALIZABLE",
                        "dualwrite.outbox.sinks=copy")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    try (var connection = context.getBean(DataSource.class).getConnection();
                            var row = connection.createStatement().executeQuery("""
                                    SELECT concat_ws(' ', current_setting('search_path'), current_user,
                                                     current_setting('transaction_isolation'))
                                    """)) {
                        row.next();
                        assertThat(connection.getAutoCommit()).isFalse();
                        assertThat(row.getString(1)).isEqualTo("\"$user\", public postgres serializable");
                    }
                });
        assertThat(sql.query("SELECT name FROM dualwrite.sink")).containsExactly("copy");
    }

    private void start(String... properties) {
        Starter.at(sql)
                .withPropertyValues(properties)
                .run(context -> assertThat(context).hasNotFailed());
    }

    private String failure(String... properties) {
        return failureOf(sql.database().user(), properties);
    }

    private String failureOf(String user, String... properties) {
        var message = new StringBuilder();
        Starter.withoutDataSource()
                .withPropertyValues(sql.propertiesOf(user, properties))
                .run(context -> {
                    assertThat(context).hasFailed();
                    Throwable root = Starter.rootOf(context.getStartupFailure());
                    assertThat(root).isInstanceOf(OutboxConfigurationException.class);
                    message.append(root.getMessage());
                });
        return message.toString();
    }

    /** Everything that a start could have changed. */
    private List<String> state() throws SQLException {
        return sql.query("""
                SELECT 'file ' || h::text FROM dualwrite.dualwrite_schema_history h
                UNION ALL SELECT 'control ' || c::text FROM dualwrite.control c
                UNION ALL SELECT 'sink ' || s::text FROM dualwrite.sink s
                UNION ALL SELECT 'relation ' || relname || relfilenode FROM pg_class WHERE oid >= 16384
                ORDER BY 1
                """);
    }

    private String user() throws SQLException {
        String user = "service_of_" + sql.database().name();
        sql.execute("CREATE ROLE " + user + " LOGIN");
        return user;
    }

    private void applyByHand(int shardCount) throws SQLException {
        sql.execute("CREATE SCHEMA dualwrite");
        sql.execute(Schema.script("dualwrite", shardCount));
    }
}
