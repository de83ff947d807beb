package dev.dualwrite.bench.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.postgres.PostgresConfig;
import dev.dualwrite.postgres.PostgresServer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A PostgreSQL server of its own, with what it has used so far. Thread-safe. Everything a crash could lose is on disk when a
 * commit is answered: fsync and synchronous_commit are on.
 */
public final class Cluster implements AutoCloseable {

    private static final int POOL = 24;

    private final PostgresServer server;
    private final HikariDataSource pool;
    private final JdbcClient sql;
    private final ServerProcesses processes;

    private Cluster(PostgresServer server) {
        this.server = server;
        this.pool = pool("postgres", 2);
        this.sql = JdbcClient.create(pool);
        this.processes =
                new ServerProcesses(sql.sql("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::bigint")
                        .query(Long.class)
                        .single());
        // Only rounds that count statements pay for it. Not a setting of the start: nothing overrides those later.
        countStatements(false);
    }

    /** A new server, blocking for some seconds. */
    public static Cluster start() {
        return start(settings());
    }

    /** A new server with settings of its own, blocking for some seconds. */
    public static Cluster start(PostgresConfig settings) {
        return new Cluster(PostgresServer.start(settings));
    }

    /**
     * Settings that a service's database would have on a machine of this size. The number of checkpoints is small, and the
     * same for all that is compared.
     */
    public static PostgresConfig settings() {
        return PostgresConfig.defaults()
                .withSetting("shared_buffers", "512MB")
                .withSetting("max_wal_size", "4GB")
                .withSetting("checkpoint_timeout", "30min")
                .withSetting("shared_preload_libraries", "pg_stat_statements");
    }

    /** The major version of the server. */
    public int version() {
        return sql.sql("SELECT current_setting('server_version_num')::int / 10000")
                .query(Integer.class)
                .single();
    }

    /** As the server names itself. */
    public String versionText() {
        return sql.sql("SELECT current_setting('server_version')")
                .query(String.class)
                .single();
    }

    public PostgresServer server() {
        return server;
    }

    /** A new, empty database. */
    public Database createDatabase(String name) {
        server.dropDatabase(name);
        server.createDatabase(name);
        return new Database(this, name, pool(name, POOL));
    }

    /**
     * Connections whose driver prepares nothing, for counting: COMMIT and the like count each time they are parsed only, so
     * those that the driver has prepared would be missing.
     */
    public static String unprepared(String url) {
        return url + "?prepareThreshold=0";
    }

    HikariDataSource countedPool(String database) {
        return pool(database, unprepared(server.url(database)), POOL);
    }

    private HikariDataSource pool(String database, int size) {
        return pool(database, server.url(database), size);
    }

    private HikariDataSource pool(String database, String url, int size) {
        var config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(server.user());
        config.setPassword(server.password());
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(1);
        config.setPoolName(database);
        return new HikariDataSource(config);
    }

    /** What the server has used until now. */
    public Usage usage() {
        long wal = sql.sql("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint")
                .query(Long.class)
                .single();
        return new Usage(processes.cpuNanos(), wal);
    }

    /** Writes everything out now, so that the next measurement does not pay for the last one. */
    public void checkpoint() {
        sql.sql("CHECKPOINT").update();
    }

    /** From now on statements of every session are counted, or not. */
    public void countStatements(boolean on) {
        sql.sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements").update();
        sql.sql("ALTER SYSTEM SET pg_stat_statements.track = '" + (on ? "top" : "none") + "'")
                .update();
        sql.sql("SELECT pg_reload_conf()").query().singleRow();
        while (!sql.sql("SHOW pg_stat_statements.track")
                .query(String.class)
                .single()
                .equals(on ? "top" : "none")) {
            // The signal is on its way.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        sql.sql("SELECT pg_stat_statements_reset()").query().singleRow();
    }

    /** Statements that were run in this database since counting was switched on, but for those of this method. */
    public long statements(String database) {
        return sql.sql("""
                        SELECT coalesce(sum(s.calls), 0)
                        FROM pg_stat_statements s
                        JOIN pg_database d ON d.oid = s.dbid
                        WHERE d.datname = ?
                        """).param(database).query(Long.class).single();
    }

    @Override
    public void close() {
        pool.close();
        server.close();
    }
}
