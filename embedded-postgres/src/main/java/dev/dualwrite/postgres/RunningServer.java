package dev.dualwrite.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;

/** One start of the binaries on one data directory. */
final class RunningServer {

    // Measured 1 to 5 s with an idle machine; a busy one with slow disks is granted ten times that.
    private static final Duration STARTUP_LIMIT = Duration.ofSeconds(45);
    // A port found free can be taken by someone else before the server binds it.
    private static final int PORT_ATTEMPTS = 3;

    private final EmbeddedPostgres postgres;

    private RunningServer(EmbeddedPostgres postgres) {
        this.postgres = postgres;
    }

    static RunningServer start(DataHome home, PostgresConfig config) throws IOException {
        requireFree(config.port());
        Path binaries = Binaries.directory();
        int attempts = config.port() == 0 ? PORT_ATTEMPTS : 1;
        IllegalStateException failure = null;
        for (int attempt = 1; attempt <= attempts; attempt++) {
            try {
                return startOnce(home, config, binaries);
            } catch (IOException | RuntimeException e) {
                Postmaster.stop(home.data());
                IllegalStateException described = new IllegalStateException(
                        "PostgreSQL did not start in " + home.data() + " on port " + config.port() + " (0: any): "
                                + e.getMessage() + ". Its log ends with:\n" + home.logTail(),
                        e);
                if (failure != null) {
                    described.addSuppressed(failure);
                }
                failure = described;
            }
        }
        throw failure == null ? new IllegalStateException("not one attempt") : failure;
    }

    int port() {
        return postgres.getPort();
    }

    void close() throws IOException {
        postgres.close();
    }

    private static RunningServer startOnce(DataHome home, PostgresConfig config, Path binaries) throws IOException {
        ProcessBuilder.Redirect log =
                ProcessBuilder.Redirect.appendTo(home.log().toFile());
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setPort(config.port())
                .setDataDirectory(home.data())
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setOverrideWorkingDirectory(binaries.toFile())
                .setPGStartupWait(STARTUP_LIMIT)
                // The one locale that every machine has, whatever LANG says.
                .setLocaleConfig("locale", "C")
                .setOutputRedirector(log)
                .setErrorRedirector(log);
        boolean windows =
                System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
        String quote = windows ? "\"" : "'";
        if (!windows) {
            // No socket in /tmp, where a file left over by another user would keep the server from starting.
            builder.setServerConfig("unix_socket_directories", "''");
        }
        config.settings().forEach((name, value) -> builder.setServerConfig(name, quote + value + quote));
        EmbeddedPostgres postgres = builder.start();
        requireOurs(postgres, home.data());
        return new RunningServer(postgres);
    }

    // The library is content with whatever server answers on the port.
    private static void requireOurs(EmbeddedPostgres postgres, Path data) throws IOException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW data_directory")) {
            row.next();
            Path seen = Path.of(row.getString(1));
            if (!Files.exists(seen) || !Files.isSameFile(seen, data)) {
                throw new IllegalStateException("another server answers on port " + postgres.getPort()
                        + ", its data directory is " + seen + "; choose another port");
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the server does not answer on port " + postgres.getPort(), e);
        }
    }

    private static void requireFree(int port) throws IOException {
        if (port == 0) {
            return;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (BindException e) {
            throw new IllegalStateException("port " + port + " is taken; choose another one, or 0 for a free one", e);
        }
    }
}
