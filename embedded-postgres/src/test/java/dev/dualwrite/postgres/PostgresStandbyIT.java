package dev.dualwrite.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Standbys, and servers that end in other ways than by close. */
class PostgresStandbyIT {

    @TempDir
    private Path temp;

    @Test
    void standbyFollowsAndTakesOverWhenThePrimaryIsKilled() throws Exception {
        PostgresServer primary = PostgresServer.start(kept("primary"));
        var before = new Session(primary.url("postgres"));
        before.execute("CREATE TABLE kept AS SELECT 1 AS answer");
        try (PostgresServer standby = PostgresServer.startStandby(kept("standby"), primary, primary.port())) {
            var session = new Session(standby.url("postgres"));
            before.execute("UPDATE kept SET answer = 2");
            await().until(() -> session.query("SELECT answer FROM kept").equals("2"));

            primary.end(Shutdown.KILL);
            session.execute("SELECT pg_promote(true, 30)");

            assertThat(session.query("SELECT answer FROM kept")).isEqualTo("2");
            session.execute("UPDATE kept SET answer = 3");
            assertThatExceptionOfType(SQLException.class)
                    .as("the killed one answers")
                    .isThrownBy(() -> before.query("SELECT 1"));
        }
    }

    @Test
    void immediateShutdownKeepsWhatWasCommitted() throws Exception {
        PostgresServer first = PostgresServer.start(kept("kept"));
        new Session(first.url("postgres")).execute("CREATE TABLE kept AS SELECT 42 AS answer");

        first.end(Shutdown.IMMEDIATE);

        try (PostgresServer second = PostgresServer.start(kept("kept"))) {
            assertThat(new Session(second.url("postgres")).query("SELECT answer FROM kept"))
                    .isEqualTo("42");
        }
    }

    private PostgresConfig kept(String name) {
        return PostgresConfig.defaults().keptIn(temp.resolve(name)).withSetting("wal_keep_size", "64MB");
    }
}
