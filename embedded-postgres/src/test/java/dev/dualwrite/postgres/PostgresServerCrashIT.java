package dev.dualwrite.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of a server whose JVM was killed. */
class PostgresServerCrashIT {

    @TempDir
    private Path temp;

    @Test
    void killedJvmTakesItsServerAndTemporaryDirectoryAlong() throws Exception {
        ChildServer child = ChildServer.start(null);
        assertThat(child.directory()).exists();

        child.kill();

        child.awaitEndOfPostmaster();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(child.directory()).doesNotExist());
    }

    @Test
    void keptDirectoryOfAKilledJvmStartsAtOnceWithEveryCommittedRow() throws Exception {
        Path directory = temp.resolve("kept");
        ChildServer child = ChildServer.start(directory);
        new Session(child.url()).execute("CREATE TABLE survivors AS SELECT generate_series(1, 1000) AS id");

        child.kill();

        try (PostgresServer next =
                PostgresServer.start(PostgresConfig.defaults().keptIn(directory))) {
            assertThat(new Session(next.url("postgres")).query("SELECT count(*) FROM survivors"))
                    .isEqualTo("1000");
            child.awaitEndOfPostmaster();
            assertThat(new Session(next.url("postgres")).query("SELECT 1"))
                    .as("the watcher of the killed JVM leaves the new server alone")
                    .isEqualTo("1");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 800, 1600})
    void directoryOfAJvmKilledWhileStartingIsNoObstacle(int afterMillis) throws Exception {
        Path directory = temp.resolve("starting");
        Process starting = ChildServer.launch(directory, Map.of());
        assertThat(starting.waitFor(afterMillis, TimeUnit.MILLISECONDS)).isFalse();

        starting.destroyForcibly();

        try (PostgresServer next =
                PostgresServer.start(PostgresConfig.defaults().keptIn(directory))) {
            assertThat(new Session(next.url("postgres")).query("SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void orderlyExitWithoutCloseStopsTheServerToo() throws Exception {
        ChildServer child = ChildServer.start(null);

        child.exit();

        child.awaitEndOfPostmaster();
    }
}
