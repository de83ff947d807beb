package dev.dualwrite.relay.autoconfigure;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.relay.internal.RelayLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * The relay's own connections to the primary: a service that uses up its pool must not keep the relay from renewing its
 * leases. They are opened like the service's, in autocommit mode and READ COMMITTED, which the settle relies on.
 */
final class RelayDataSource implements AutoCloseable {

    private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(5);

    private final DataSource dataSource;
    private final @Nullable HikariDataSource own;

    private RelayDataSource(DataSource dataSource, @Nullable HikariDataSource own) {
        this.dataSource = dataSource;
        this.own = own;
    }

    /** By the relay's own URL, else like the service's pool, else by its connection details, else the service's pool itself. */
    static RelayDataSource of(
            RelayProperties properties, DataSource service, @Nullable JdbcConnectionDetails details, int connections) {
        HikariConfig config = new HikariConfig();
        HikariDataSource pool = DataSourceUnwrapper.unwrap(service, HikariDataSource.class);
        if (properties.url() != null) {
            config.setJdbcUrl(properties.url());
            config.setUsername(properties.username());
            config.setPassword(properties.password());
        } else if (pool != null) {
            pool.copyStateTo(config);
        } else if (details != null) {
            config.setJdbcUrl(details.getJdbcUrl());
            config.setUsername(details.getUsername());
            config.setPassword(details.getPassword());
        } else {
            RelayLog.sharedConnectionPool(service.getClass().getName());
            check(service);
            return new RelayDataSource(service, null);
        }
        config.setPoolName("dualwrite-relay");
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        config.setAutoCommit(true);
        config.setReadOnly(false);
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
        // A primary that vanished without a word must be noticed within a lease, not when TCP gives up.
        addUnlessSet(config, "tcpKeepAlive", "true");
        addUnlessSet(config, "connectTimeout", String.valueOf(CONNECTION_TIMEOUT.toSeconds()));
        addUnlessSet(
                config,
                "socketTimeout",
                String.valueOf(Math.max(1, properties.leaseDuration().toSeconds())));
        config.setRegisterMbeans(false);
        config.setMetricRegistry(null);
        config.setMetricsTrackerFactory(null);
        config.setHealthCheckRegistry(null);
        var own = new HikariDataSource(config);
        return new RelayDataSource(own, own);
    }

    private static void addUnlessSet(HikariConfig config, String property, String value) {
        String url = config.getJdbcUrl();
        boolean set =
                config.getDataSourceProperties().containsKey(property) || (url != null && url.contains(property + "="));
        if (url != null && url.startsWith("jdbc:postgresql:") && !set) {
            config.addDataSourceProperty(property, value);
        }
    }

    /** The service's own pool is taken as it is; what the relay cannot work with stops the start. */
    private static void check(DataSource service) {
        try (Connection connection = service.getConnection()) {
            boolean readCommitted = connection.getTransactionIsolation() == Connection.TRANSACTION_READ_COMMITTED;
            if (!connection.getAutoCommit() || !readCommitted) {
                throw new OutboxConfigurationException(List.of("the connections of the DataSource "
                        + service.getClass().getName() + " have autocommit=" + connection.getAutoCommit()
                        + " and isolation " + connection.getTransactionIsolation()
                        + ", the relay needs autocommit and READ COMMITTED (2). Next: set dualwrite.relay.url, so that"
                        + " it opens its own"));
            }
        } catch (SQLException e) {
            throw new OutboxStoreException("looking at the connections of the relay", e);
        }
    }

    DataSource dataSource() {
        return dataSource;
    }

    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
    }
}
