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
import java.util.Map;

/** A server that goes away, in one way after the other, and comes back at the same address. Confined to one thread. */
final class AbsentServer implements AutoCloseable {

    private final PostgresConfig config;
    private final int port;
    private PostgresServer server;
    private TcpProxy wire;

    AbsentServer(Path directory) {
        config = Store.config(directory, Map.of());
        server = PostgresServer.start(config);
        wire = new TcpProxy(0, server.port());
        port = wire.port();
    }

    /** Where clients look for it. */
    String url() {
        return "jdbc:postgresql://localhost:" + port + "/postgres";
    }

    /** For those who look at it from inside. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(server.url("postgres"), server.user(), server.password());
    }

    /** A cable is pulled: no answer, no farewell, and every call lasts until its caller has had enough. */
    void fallSilent() {
        wire.fallSilent();
    }

    /** The server is gone; whatever stands before it still answers calls, and hangs up. */
    void end() {
        server.end(Shutdown.IMMEDIATE);
        wire.refuse(true);
        wire.cut();
    }

    /** Nobody listens there any more. */
    void closePort() throws IOException {
        wire.close();
    }

    /** On the same directory, at the same address. */
    void comeBack() {
        server = PostgresServer.start(config);
        wire = new TcpProxy(port, server.port());
    }

    @Override
    public void close() {
        try (TcpProxy last = wire) {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
