package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.OutboxStoreException;
import dev.dualwrite.relay.internal.RelayLog;
import dev.dualwrite.spring.autoconfigure.OwnConnections;
import dev.dualwrite.spring.autoconfigure.PrimaryPlace;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * The relay's own connections to the primary: a service that uses up its pool must not keep the relay from renewing its
 * leases. They are opened like the service's, in autocommit mode and READ COMMITTED, which the settle relies on.
 */
final class RelayDataSource implements AutoCloseable {

    private final DataSource dataSource;
    private final @Nullable OwnConnections own;

    private RelayDataSource(DataSource dataSource, @Nullable OwnConnections own) {
        this.dataSource = dataSource;
        this.own = own;
    }

    /** By the relay's own URL, else like the service's pool, else by its connection details, else the service's pool itself. */
    static RelayDataSource of(
            RelayProperties properties, DataSource service, @Nullable JdbcConnectionDetails details, int connections) {
        var use = new OwnConnections.Use("dualwrite-relay", connections, properties.leaseDuration(), false);
        Optional<OwnConnections> own = properties.url() == null
                ? OwnConnections.like(service, details, use)
                : Optional.of(at(
                        new OwnConnections.Place(properties.url(), properties.username(), properties.password()), use));
        if (own.isPresent()) {
            return new RelayDataSource(own.get().dataSource(), own.get());
        }
        RelayLog.sharedConnectionPool(service.getClass().getName());
        check(service);
        return new RelayDataSource(service, null);
    }

    private static OwnConnections at(OwnConnections.Place place, OwnConnections.Use use) {
        try {
            return OwnConnections.at(place, use);
        } catch (RuntimeException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof SQLException refusal) {
                    throw new OutboxStoreException(
                            "connecting the relay to " + PrimaryPlace.of(place.url()) + " (dualwrite.relay.url) failed",
                            refusal);
                }
            }
            throw e;
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

    /**
     * One each for the claim, lease, listening, partition and retention threads, and one for every thread that settles or
     * retries: nobody waits for a connection. They are opened when they are needed.
     */
    static int connections(int sinks, int threads) {
        return 5 + 2 * Math.max(0, sinks * threads);
    }

    /** Whether one of them can be kept: not if they are the service's. */
    boolean areOwn() {
        return own != null;
    }

    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
    }
}
