package dev.dualwrite.relay.chaos;

import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.postgres.PostgresConfig;
import dev.dualwrite.postgres.PostgresServer;
import dev.dualwrite.postgres.Shutdown;
import dev.dualwrite.relay.wire.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

/** The primary with an asynchronous standby, the outbox, and the writers' own tables. */
final class Primary implements AutoCloseable {

    static final int SHARDS = 8;

    private static final Map<String, String> SETTINGS = Map.of(
            "wal_level", "replica",
            "max_wal_senders", "4",
            "wal_keep_size", "256MB",
            "max_wal_size", "128MB",
            "wal_retrieve_retry_interval", "200ms");

    private final Path directory;
    private final Store store;
    private final TcpProxy replication;
    private PostgresConfig standbyConfig;
    private PostgresServer standby;
    private int failOvers;

    Primary(Path directory) throws SQLException {
        this.directory = directory;
        store = new Store(directory.resolve("primary-0"), SETTINGS);
        store.run("CREATE SCHEMA dualwrite", Schema.script("dualwrite", SHARDS));
        replication = new TcpProxy(0, store.server().port());
        standbyConfig = Store.config(directory.resolve("primary-1"), SETTINGS);
        standby = newStandby();
    }

    Store store() {
        return store;
    }

    int failOvers() {
        return failOvers;
    }

    void restart(Shutdown how) {
        store.restart(how);
        replication.leadTo(store.server().port());
        replication.cut();
    }

    /** From now on the standby misses what is committed. */
    void holdBackStandby() {
        replication.fallSilent();
    }

    /** The primary is gone with all that the standby missed; the standby takes its place and gets a standby itself. */
    void failOver() throws SQLException {
        store.server().end(Shutdown.KILL);
        store.becomes(standby, standbyConfig);
        failOvers++;
        store.run("SELECT pg_promote(true, 30)");
        replication.leadTo(store.server().port());
        replication.cut();
        replication.fallSilent(new TcpProxy.Direction[0]);
        standbyConfig = Store.config(directory.resolve("primary-" + (failOvers + 1)), SETTINGS);
        standby = newStandby();
    }

    private PostgresServer newStandby() {
        return PostgresServer.startStandby(standbyConfig, store.server(), replication.port());
    }

    @Override
    public void close() {
        try (store;
                replication) {
            standby.end(Shutdown.IMMEDIATE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
