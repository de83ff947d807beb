package dev.dualwrite.spring.autoconfigure;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * A small pool of Dualwrite's own on a primary, beside the service's: what uses up the service's pool must not stop what keeps
 * the outbox going. Its connections are opened like the service's, in autocommit mode and READ COMMITTED. Thread-safe; taking
 * a connection blocks for at most 5 s.
 */
public final class OwnConnections implements AutoCloseable {

    private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(5);

    private final HikariDataSource pool;

    private OwnConnections(HikariDataSource pool) {
        this.pool = pool;
    }

    /**
     * What the pool is for. Immutable.
     *
     * @param name of the pool and of its threads
     * @param connections at most, from 1
     * @param silence how long an answer may take, rounded down to seconds: a primary that vanished without a word must be
     *     noticed, and not only when TCP gives up; not if the service's own settings say otherwise
     * @param mayBeDown whether the pool is made even if the primary cannot be reached now
     */
    public record Use(String name, int connections, Duration silence, boolean mayBeDown) {}

    /** Where a primary is, and who logs in there. Immutable; {@link #toString()} leaves out everything. */
    public record Place(
            String url, @Nullable String username, @Nullable String password) {
        @Override
        public String toString() {
            return "Place";
        }
    }

    /**
     * To the same place as a service's DataSource, opened in the same way: like its pool if that is Hikari, else by its
     * connection details. Empty if there is no way to open a connection that is not the service's.
     *
     * @throws RuntimeException if the primary cannot be reached and may not be down
     */
    public static Optional<OwnConnections> like(DataSource service, @Nullable JdbcConnectionDetails details, Use use) {
        HikariConfig config = new HikariConfig();
        HikariDataSource pool = DataSourceUnwrapper.unwrap(service, HikariDataSource.class);
        if (pool != null) {
            pool.copyStateTo(config);
        } else if (details != null) {
            config.setJdbcUrl(details.getJdbcUrl());
            config.setUsername(details.getUsername());
            config.setPassword(details.getPassword());
        } else {
            return Optional.empty();
        }
        return Optional.of(open(config, use));
    }

    /**
     * To a place that was named.
     *
     * @throws RuntimeException if no driver takes the URL, or if the primary cannot be reached and may not be down
     */
    public static OwnConnections at(Place place, Use use) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(place.url());
        config.setUsername(place.username());
        config.setPassword(place.password());
        return open(config, use);
    }

    private static OwnConnections open(HikariConfig config, Use use) {
        config.setPoolName(use.name());
        config.setMaximumPoolSize(use.connections());
        config.setMinimumIdle(1);
        config.setAutoCommit(true);
        config.setReadOnly(false);
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
        if (use.mayBeDown()) {
            config.setInitializationFailTimeout(-1);
        }
        // Some of ours are out for as long as the process lives.
        config.setLeakDetectionThreshold(0);
        addUnlessSet(config, "tcpKeepAlive", "true");
        addUnlessSet(config, "connectTimeout", String.valueOf(CONNECTION_TIMEOUT.toSeconds()));
        addUnlessSet(
                config,
                "socketTimeout",
                String.valueOf(Math.max(1, use.silence().toSeconds())));
        nameSessions(config, use.name());
        config.setRegisterMbeans(false);
        // Hikari refuses to touch one while the other is set. Actuator sets the factory on every pool of the context.
        if (config.getMetricsTrackerFactory() == null) {
            config.setMetricRegistry(null);
        } else {
            config.setMetricsTrackerFactory(null);
        }
        config.setHealthCheckRegistry(null);
        return new OwnConnections(new HikariDataSource(config));
    }

    /** So that a person sees in pg_stat_activity whose sessions these are. What the user set stays. */
    private static void nameSessions(HikariConfig config, String name) {
        String url = config.getJdbcUrl();
        if (url == null || !url.contains("application_name")) {
            addUnlessSet(config, "ApplicationName", name);
        }
    }

    private static void addUnlessSet(HikariConfig config, String property, String value) {
        String url = config.getJdbcUrl();
        boolean set =
                config.getDataSourceProperties().containsKey(property) || (url != null && url.contains(property + "="));
        if (url != null && url.startsWith("jdbc:postgresql:") && !set) {
            config.addDataSourceProperty(property, value);
        }
    }

    /** The pool, until it is closed. */
    public DataSource dataSource() {
        return pool;
    }

    /** Closes every connection, also those that are in use. */
    @Override
    public void close() {
        pool.close();
    }
}
