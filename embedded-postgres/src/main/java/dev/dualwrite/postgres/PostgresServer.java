package dev.dualwrite.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A real PostgreSQL server that lives as long as this object, or as this JVM, whichever ends first.
 *
 * <p>Listens on the loopback interface only; the one user needs no password there ({@code trust}), so it is fit for tests
 * and demonstrations, not for data that other users of the machine must not see. Runs as root (through {@code unshare})
 * and as an ordinary user.
 *
 * <p>Thread-safe. {@link #start} blocks until the server answers: about 3 s for a new directory, half a second for one
 * that was kept. After a {@code kill -9} of the JVM the server is stopped within seconds and a temporary directory is
 * removed; a kept one can be started from again at once. Without an {@code sh} (Windows) a shutdown hook does this for
 * an orderly exit only.
 */
public final class PostgresServer implements AutoCloseable {

    private static final String USER = "postgres";
    // pgjdbc insists on one in some places; the server does not look at it.
    private static final String PASSWORD = "postgres";

    private final DataHome home;
    private final Watcher watcher;
    private final RunningServer server;
    private final AtomicBoolean closed = new AtomicBoolean();

    private PostgresServer(DataHome home, Watcher watcher, RunningServer server) {
        this.home = home;
        this.watcher = watcher;
        this.server = server;
    }

    /**
     * Starts a server and waits until it answers.
     *
     * @throws IllegalStateException if another process uses the directory, if the directory belongs to something else, if
     *     the port is taken, or if the server does not come up; the message says which and what to do
     * @throws UncheckedIOException if the directory cannot be written
     */
    public static PostgresServer start(PostgresConfig config) {
        return start(config, home -> {});
    }

    /**
     * Starts a standby that follows a primary, and waits until it answers reads. Blocks for a copy of the primary's data,
     * about a second for an empty one.
     *
     * @param config with a directory that is absent or empty, or without one
     * @param primary running with {@code wal_level} replica and a {@code wal_keep_size} that outlasts the copy
     * @param replicationPort on the loopback interface: where the standby finds the primary, which may be a proxy
     * @throws IllegalStateException as {@link #start}, or if the primary refuses the backup
     */
    public static PostgresServer startStandby(PostgresConfig config, PostgresServer primary, int replicationPort) {
        String following = "host=localhost port=" + replicationPort + " user=" + USER;
        return start(config.withSetting("primary_conninfo", following), home -> primary.copyTo(home.data()));
    }

    private void copyTo(Path data) throws IOException {
        try (Connection connection = connect()) {
            Files.createDirectories(data);
            BaseBackup.copy(connection, data);
        } catch (SQLException e) {
            throw new IllegalStateException("the server on port " + port() + " refuses a base backup", e);
        }
    }

    /** What is done to a directory before the server starts in it. */
    private interface Preparation {
        void prepare(DataHome home) throws IOException;
    }

    private static PostgresServer start(PostgresConfig config, Preparation preparation) {
        try {
            DataHome home = DataHome.open(config.directory());
            Watcher watcher = Watcher.NONE;
            try {
                // CRASH: from here on the watcher stops whatever server it finds in the directory.
                watcher = Watcher.start(home);
                preparation.prepare(home);
                RunningServer server = RunningServer.start(home, config);
                home.initialised();
                PostgresServer started = new PostgresServer(home, watcher, server);
                if (watcher == Watcher.NONE) {
                    Runtime.getRuntime().addShutdownHook(new Thread(started::close, "postgres-stop-" + server.port()));
                }
                return started;
            } catch (IOException | RuntimeException e) {
                Postmaster.stop(home.data());
                home.close();
                watcher.release();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "PostgreSQL cannot use its directory: " + e + "; give one that this user can write", e);
        }
    }

    /** The JDBC URL of a database of this server; the database need not exist yet. */
    public String url(String database) {
        return "jdbc:postgresql://localhost:" + port() + "/" + database;
    }

    public int port() {
        return server.port();
    }

    /** A superuser, the only user of a new server. */
    public String user() {
        return USER;
    }

    public String password() {
        return PASSWORD;
    }

    /** Where the server writes its log. Of use while the server runs, and afterwards if its directory is kept. */
    public Path log() {
        return home.log();
    }

    /**
     * Creates a database unless there is one of that name.
     *
     * @return its JDBC URL
     * @throws IllegalStateException if the server refuses, for instance since it is closed
     */
    public String createDatabase(String name) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            boolean exists;
            try (var rows = statement.executeQuery(
                    "SELECT 1 FROM pg_database WHERE datname = " + statement.enquoteLiteral(name))) {
                exists = rows.next();
            }
            if (!exists) {
                statement.execute("CREATE DATABASE " + statement.enquoteIdentifier(name, true));
            }
            return url(name);
        } catch (SQLException e) {
            throw new IllegalStateException("database '" + name + "' cannot be created on port " + port(), e);
        }
    }

    /** Drops a database with everyone still connected to it; does nothing if there is none of that name. */
    public void dropDatabase(String name) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + statement.enquoteIdentifier(name, true) + " WITH (FORCE)");
        } catch (SQLException e) {
            throw new IllegalStateException("database '" + name + "' cannot be dropped on port " + port(), e);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url("postgres"), USER, PASSWORD);
    }

    /**
     * Ends the server as told and waits for its end, then closes this object. A kept directory can be started from again,
     * except after {@link Shutdown#KILL}.
     */
    public void end(Shutdown how) {
        try {
            if (how != Shutdown.FAST && !closed.get()) {
                Postmaster.end(home.data(), how);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the server on port " + port() + " cannot be ended", e);
        }
        close();
    }

    /** Stops the server, cutting off its sessions, and removes the directory if it was temporary. May be called twice. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                server.close();
                Postmaster.stop(home.data());
                home.close();
            } catch (IOException e) {
                throw new UncheckedIOException("PostgreSQL on port " + port() + " is stopped, its directory is not", e);
            } finally {
                watcher.release();
            }
        }
    }
}
