package dev.dualwrite.relay.sink.jdbc;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.sink.SinkFactory;
import dev.dualwrite.relay.sink.SinkSettings;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the sinks of type {@code jdbc}, each with a small connection pool of its own that closes with it. Thread-safe. */
public final class JdbcSinkFactory implements SinkFactory {

    private final Duration sinkTimeout;
    private final int connections;
    private final CrashProbe probe;

    /**
     * A factory.
     *
     * @param sinkTimeout the relay's, for sinks that do not set their own
     * @param connections of each sink at most: one for every lane that is applied at once, so that none waits
     */
    public JdbcSinkFactory(Duration sinkTimeout, int connections, CrashProbe probe) {
        this.sinkTimeout = requireNonNull(sinkTimeout, "sinkTimeout");
        this.connections = connections;
        this.probe = requireNonNull(probe, "probe");
    }

    @Override
    public String type() {
        return "jdbc";
    }

    /** {@inheritDoc} The sink is a {@link JdbcSink}. */
    @Override
    public Sink create(String name, SinkSettings settings) {
        Duration timeout = requireNonNullElse(settings.sinkTimeout(), sinkTimeout);
        var check = new JdbcSinkConfigCheck(name);
        urlMistake(name, settings.url()).ifPresent(check::add);
        String versionColumn = requireNonNullElse(settings.versionColumn(), JdbcSinkConfig.DEFAULT_VERSION_COLUMN);
        JdbcSinkConfig config = check.check(
                settings.table(),
                settings.keyColumns(),
                settings.columns(),
                new JdbcSinkConfigCheck.Written(versionColumn, timeout));
        HikariDataSource pool;
        try {
            pool = OwnPool.open(name, settings, timeout, connections);
        } catch (RuntimeException e) {
            throw new OutboxConfigurationException(
                    JdbcSinkConfig.property(name, "url")
                            + ": no connection pool could be made for it; is the driver on the class path"
                            + " (org.postgresql:postgresql)?",
                    e);
        }
        return new JdbcSink(new JdbcSink.Target(config, settings.aggregateType()), pool, probe, pool::close);
    }

    // The message leaves out the URL: its parameters may hold a password.
    private static Optional<String> urlMistake(String name, @Nullable String url) {
        String property = JdbcSinkConfig.property(name, "url");
        if (url == null || url.isBlank()) {
            return Optional.of(property + " is not set, expected jdbc:postgresql://host:port/database");
        }
        // Wrapping drivers put their own word in between, as in jdbc:tracing:postgresql:
        return url.startsWith("jdbc:") && url.contains("postgresql:")
                ? Optional.empty()
                : Optional.of(property + " is not a URL for PostgreSQL, expected jdbc:postgresql://host:port/database;"
                        + " for another store write a bean of type dev.dualwrite.outbox.spi.Sink");
    }
}
