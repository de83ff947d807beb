package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.postgres.PostgresConfig;
import dev.dualwrite.postgres.PostgresServer;
import dev.dualwrite.postgres.Shutdown;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** A version that was drawn is above all that were drawn before, whatever happens to the server in between. */
class VersionStoreIT {

    @TempDir
    private Path temp;

    @Test
    void drawnVersionIsNotDrawnAgainAfterACrash() throws Exception {
        Version before;
        PostgresServer first = PostgresServer.start(config());
        DataSource source = source(first);
        execute(source, "CREATE SCHEMA dualwrite", Schema.script("dualwrite", 4), "CHECKPOINT");
        try (Connection open = source.getConnection()) {
            open.setAutoCommit(false);
            // Its log record covers the numbers after it, and is on its way to the disk with nobody's commit.
            execute(open, "SELECT nextval('dualwrite.entry_sequence')");

            List<Version> drawn = new VersionStore(source, "dualwrite").draw(3);
            before = drawn.get(2);
            assertThat(drawn).isSorted().doesNotHaveDuplicates();
            first.end(Shutdown.IMMEDIATE);
        } catch (SQLException e) {
            // The open transaction's connection is gone with the server.
            throw new IllegalStateException(e);
        }

        try (PostgresServer second = PostgresServer.start(config())) {
            assertThat(new VersionStore(source(second), "dualwrite").draw(1))
                    .singleElement()
                    .satisfies(after -> assertThat(after).isGreaterThan(before));
        }
    }

    @Test
    void versionHasTheEpochInForceAndIsRefusedByAServerOfAnother() throws Exception {
        InstalledSchema installed = new InstalledSchema("dualwrite");
        var versions = new VersionStore(installed.dataSource(), "dualwrite");
        execute(installed.dataSource(), "UPDATE dualwrite.control SET epoch = 7");

        assertThat(versions.draw(2)).allSatisfy(v -> assertThat(v.epoch()).isEqualTo(7));

        execute(installed.dataSource(), "UPDATE dualwrite.control SET primary_identity = 'another/1'");
        assertThatThrownBy(() -> versions.draw(1))
                .isInstanceOf(OutboxStoreException.class)
                .hasMessageContaining("not the one that the epoch stands for");
    }

    /** Nothing but commits writes the log out. */
    private PostgresConfig config() {
        return PostgresConfig.defaults()
                .keptIn(temp.resolve("kept"))
                .withSetting("wal_writer_delay", "10s")
                .withSetting("autovacuum", "off");
    }

    private static DataSource source(PostgresServer server) {
        var source = new PGSimpleDataSource();
        source.setUrl(server.url("postgres"));
        source.setUser(server.user());
        return source;
    }

    private static void execute(DataSource source, String... statements) throws SQLException {
        try (Connection connection = source.getConnection()) {
            execute(connection, statements);
        }
    }

    private static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
