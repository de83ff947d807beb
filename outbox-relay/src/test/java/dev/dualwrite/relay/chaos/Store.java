package dev.dualwrite.relay.chaos;

import dev.dualwrite.postgres.PostgresConfig;
import dev.dualwrite.postgres.PostgresServer;
import dev.dualwrite.postgres.Shutdown;
import dev.dualwrite.relay.wire.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** A server behind a proxy. Clients know the proxy only, so the server may move. */
final class Store implements AutoCloseable {

    private final TcpProxy proxy;
    private volatile PostgresConfig config;
    private volatile PostgresServer server;

    Store(Path directory, Map<String, String> settings) {
        config = config(directory, settings);
        server = PostgresServer.start(config);
        proxy = new TcpProxy(0, server.port());
    }

    /** What dies here is a server, never the machine: what was handed to the system stays, so nothing waits for a disk. */
    static PostgresConfig config(Path directory, Map<String, String> settings) {
        PostgresConfig config = PostgresConfig.defaults()
                .keptIn(directory)
                .withSetting("fsync", "off")
                .withSetting("shared_buffers", "32MB")
                .withSetting("max_connections", "60");
        for (var setting : settings.entrySet()) {
            config = config.withSetting(setting.getKey(), setting.getValue());
        }
        return config;
    }

    /** By way of the proxy. */
    String url() {
        return "jdbc:postgresql://localhost:" + proxy.port() + "/postgres";
    }

    TcpProxy proxy() {
        return proxy;
    }

    PostgresServer server() {
        return server;
    }

    /** Past the proxy. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                server.url("postgres") + "?socketTimeout=30", server.user(), server.password());
    }

    void run(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    void restart(Shutdown how) {
        server.end(how);
        server = PostgresServer.start(config);
        proxy.leadTo(server.port());
    }

    /** Clients find this one from now on; the one before has ended. */
    void becomes(PostgresServer other, PostgresConfig itsConfig) {
        server = other;
        config = itsConfig;
        proxy.leadTo(server.port());
        proxy.cut();
    }

    @Override
    public void close() {
        try (proxy) {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
