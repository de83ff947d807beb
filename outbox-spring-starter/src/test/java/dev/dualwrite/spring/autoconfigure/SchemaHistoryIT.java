package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.postgres.TestDatabases;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a start may leave Flyway out: only if the history that Flyway itself wrote is that of this release, row by row. */
class SchemaHistoryIT {

    private final Sql sql = new Sql(TestDatabases.create());
    private final SchemaHistory history = new SchemaHistory(sql.database().dataSource(), "dualwrite");

    @BeforeEach
    void install() throws SQLException {
        sql.execute("CREATE SCHEMA dualwrite");
        new SchemaFiles(sql.database().dataSource(), "dualwrite", 16).migrate();
    }

    @Test
    void whatFlywayInstalledIsOfThisRelease() throws Exception {
        assertThat(history.isOfThisRelease()).isTrue();
        assertThat(sql.query(
                        "SELECT coalesce(version, 'null') || ' ' || description || ' ' || script || ' ' || checksum"
                                + " FROM dualwrite.dualwrite_schema_history ORDER BY installed_rank"))
                .containsExactlyElementsOf(ReleasedFile.all("dualwrite").stream()
                        .map(file ->
                                file.version() + " " + file.description() + " " + file.script() + " " + file.checksum())
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM dualwrite.dualwrite_schema_history WHERE version = '2'",
                "DELETE FROM dualwrite.dualwrite_schema_history",
                "UPDATE dualwrite.dualwrite_schema_history SET checksum = checksum + 1 WHERE version = '1'",
                "UPDATE dualwrite.dualwrite_schema_history SET checksum = NULL WHERE version = '1'",
                "UPDATE dualwrite.dualwrite_schema_history SET success = false WHERE version = '3'",
                "UPDATE dualwrite.dualwrite_schema_history SET type = 'BASELINE' WHERE version = '1'",
                "UPDATE dualwrite.dualwrite_schema_history SET description = 'mine' WHERE version = '2'",
                "UPDATE dualwrite.dualwrite_schema_history SET script = 'V2__mine.sql' WHERE version = '2'",
                "INSERT INTO dualwrite.dualwrite_schema_history SELECT 99, '99', 'mine', 'SQL', 'V99__mine.sql', 1,"
                        + " 'me', now(), 1, true",
                "DELETE FROM dualwrite.dualwrite_schema_history WHERE version IS NULL",
                "UPDATE dualwrite.dualwrite_schema_history SET checksum = checksum + 1 WHERE version IS NULL",
                "INSERT INTO dualwrite.dualwrite_schema_history SELECT 99, version, description, type, script, checksum,"
                        + " 'me', now(), 1, true FROM dualwrite.dualwrite_schema_history WHERE version = '4'",
                "DROP TABLE dualwrite.dualwrite_schema_history"
            })
    void whateverDiffersIsLeftToFlyway(String change) throws SQLException {
        sql.execute(change);

        assertThat(history.isOfThisRelease()).isFalse();
    }

    @Test
    void fileThatMayBeRepeatedCountsAsItWasAppliedLast() throws SQLException {
        String rows = "SELECT %d, version, description, type, script, checksum + %d, 'me', now(), 1, true"
                + " FROM dualwrite.dualwrite_schema_history WHERE installed_rank = 5";
        sql.execute("INSERT INTO dualwrite.dualwrite_schema_history " + rows.formatted(6, 1));
        assertThat(history.isOfThisRelease()).isFalse();

        sql.execute("INSERT INTO dualwrite.dualwrite_schema_history " + rows.formatted(7, 0));

        assertThat(history.isOfThisRelease()).isTrue();
    }

    @Test
    void grantsAreNoReasonToRefuseASchemaAndAreMadeByTheNextMigration() throws SQLException {
        sql.execute("DELETE FROM dualwrite.dualwrite_schema_history WHERE version IS NULL");
        sql.execute("DROP FUNCTION dualwrite.grant_roles()");

        Starter.at(sql)
                .withPropertyValues("dualwrite.schema.mode=validate")
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(sql.query("SELECT to_regproc('dualwrite.grant_roles') IS NULL"))
                .containsExactly("t");
        Starter.at(sql).run(context -> assertThat(context).hasNotFailed());

        assertThat(sql.query("SELECT to_regproc('dualwrite.grant_roles') IS NULL"))
                .containsExactly("f");
        assertThat(history.isOfThisRelease()).isTrue();
    }

    @Test
    void migrateStillRefusesAFileThatWasChangedAfterItsInstallation() throws SQLException {
        sql.execute("UPDATE dualwrite.dualwrite_schema_history SET checksum = checksum + 1 WHERE version = '1'");

        Starter.at(sql)
                .run(context -> assertThat(Starter.rootOf(context.getStartupFailure()))
                        .hasMessageContaining("checksum mismatch"));
    }

    @Test
    void historyThatIsAsReleasedDoesNotExcuseAnOlderSchema() throws SQLException {
        sql.execute("UPDATE dualwrite.control SET schema_version = " + (Schema.VERSION - 1));

        for (String mode : List.of("migrate", "validate")) {
            Starter.at(sql)
                    .withPropertyValues("dualwrite.schema.mode=" + mode)
                    .run(context -> assertThat(Starter.rootOf(context.getStartupFailure()))
                            .hasMessageContaining("expected version " + Schema.VERSION));
        }
    }
}
