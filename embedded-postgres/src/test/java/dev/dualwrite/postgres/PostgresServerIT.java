package dev.dualwrite.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerIT {

    @TempDir
    private Path temp;

    @Test
    void serverRunsWithTheSettingsItWasGiven() throws Exception {
        PostgresConfig config = PostgresConfig.defaults()
                .withSetting("log_line_prefix", "[a b] ")
                .withSetting("max_connections", "17");

        try (PostgresServer server = PostgresServer.start(config)) {
            Session session = new Session(server.url("postgres"));

            assertThat(session.query("SHOW fsync")).isEqualTo("on");
            assertThat(session.query("SHOW synchronous_commit")).isEqualTo("on");
            assertThat(session.query("SHOW max_connections")).isEqualTo("17");
            assertThat(session.query("SHOW log_line_prefix")).isEqualTo("[a b] ");
        }
    }

    @Test
    void temporaryDirectoryGoesWithTheServer() {
        PostgresServer server = PostgresServer.start(PostgresConfig.defaults());
        Path directory = server.log().getParent();
        assertThat(directory).exists();

        server.close();
        server.close();

        assertThat(directory).doesNotExist();
    }

    @Test
    void keptDirectoryKeepsRowsAndDatabasesAreCreatedOnce() throws Exception {
        PostgresConfig config = PostgresConfig.defaults().keptIn(temp.resolve("kept"));
        try (PostgresServer first = PostgresServer.start(config)) {
            Session session = new Session(first.createDatabase("Orders"));
            session.execute("CREATE TABLE kept AS SELECT 42 AS answer");
        }

        try (PostgresServer second = PostgresServer.start(config)) {
            assertThat(new Session(second.createDatabase("Orders")).query("SELECT answer FROM kept"))
                    .isEqualTo("42");
        }
    }

    @Test
    void directoryInUseIsRefusedByName() {
        Path directory = temp.resolve("mine");
        PostgresConfig config = PostgresConfig.defaults().keptIn(directory);

        try (PostgresServer ignored = PostgresServer.start(config)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> PostgresServer.start(config))
                    .withMessageContaining(directory + " is in use by another process");
        }
    }

    @Test
    void directoryInUseByAnotherProcessIsRefusedByName() throws Exception {
        Path directory = temp.resolve("theirs");
        ChildServer child = ChildServer.start(directory);

        assertThatIllegalStateException()
                .isThrownBy(() -> PostgresServer.start(PostgresConfig.defaults().keptIn(directory)))
                .withMessageContaining(directory + " is in use by another process");

        child.kill();
        child.awaitEndOfPostmaster();
    }

    @Test
    void directoryOfSomethingElseIsRefusedAndLeftAlone() throws Exception {
        Path document = Files.writeString(temp.resolve("thesis.txt"), "years of work");

        assertThatIllegalStateException()
                .isThrownBy(() -> PostgresServer.start(PostgresConfig.defaults().keptIn(temp)))
                .withMessageContaining(temp + " holds files that are not ours");

        try (Stream<Path> entries = Files.list(temp)) {
            assertThat(entries).containsExactly(document);
        }
    }

    @Test
    void takenPortIsRefusedByNumber() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatIllegalStateException()
                    .isThrownBy(
                            () -> PostgresServer.start(PostgresConfig.defaults().withPort(taken.getLocalPort())))
                    .withMessageContaining("port " + taken.getLocalPort() + " is taken");
        }
    }

    @Test
    void failedStartLeavesTheDirectoryFreeAndQuotesTheLog() {
        PostgresConfig config = PostgresConfig.defaults().keptIn(temp.resolve("again"));
        try (PostgresServer server = PostgresServer.start(config.withPort(0))) {
            PostgresConfig samePort = PostgresConfig.defaults().withPort(server.port());
            assertThatIllegalStateException().isThrownBy(() -> PostgresServer.start(samePort));
        }

        PostgresServer.start(config).close();
    }

    @Test
    void dataDirectoryThatWasNeverFinishedIsReplaced() throws Exception {
        Path directory = Files.createDirectories(temp.resolve("halted"));
        Files.createFile(directory.resolve("lock"));
        Path unfinished = Files.createDirectories(directory.resolve("data-unfinished"));
        Files.writeString(unfinished.resolve("PG_VERSION"), "18");

        PostgresServer.start(PostgresConfig.defaults().keptIn(directory)).close();

        assertThat(unfinished).doesNotExist();
        assertThat(directory.resolve("cluster")).exists();
    }

    @Test
    void pidFileThatNamesAnotherProgramIsNoObstacle() throws Exception {
        Path directory = temp.resolve("reused");
        PostgresConfig config = PostgresConfig.defaults().keptIn(directory);
        PostgresServer.start(config).close();
        String data = Files.readString(directory.resolve("cluster"));
        long ourselves = ProcessHandle.current().pid();
        Files.write(
                directory.resolve(data).resolve("postmaster.pid"),
                List.of(
                        Long.toString(ourselves),
                        directory.resolve(data).toString(),
                        "0",
                        "1",
                        "",
                        "localhost",
                        "0 0"));

        PostgresServer.start(config).close();
    }

    @Test
    void brokenLocaleOfTheUserDoesNotMatter() throws Exception {
        ChildServer child = ChildServer.start(
                temp.resolve("locale"), Map.of("LANG", "xx_YY.UTF-8", "LC_ALL", "xx_YY.UTF-8", "TZ", "Nowhere/Odd"));

        assertThat(new Session(child.url()).query("SHOW server_encoding")).isEqualTo("UTF8");

        child.kill();
        child.awaitEndOfPostmaster();
    }
}
