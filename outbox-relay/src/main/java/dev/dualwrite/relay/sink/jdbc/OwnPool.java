package dev.dualwrite.relay.sink.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.relay.sink.SinkSettings;
import java.time.Duration;

/** The connections of a sink that is configured by URL. */
final class OwnPool {

    private OwnPool() {}

    /** Opens nothing yet: a secondary that is down must not stop the process. */
    static HikariDataSource open(String sink, SinkSettings settings, Duration timeout, int connections) {
        var config = new HikariConfig();
        config.setPoolName("dualwrite-sink-" + sink);
        config.setJdbcUrl(settings.url());
        config.setUsername(settings.username());
        config.setPassword(settings.password());
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(0);
        config.setInitializationFailTimeout(-1);
        // Hikari would ask the first connection for it, once. If that one breaks at the question, it takes -1 for the
        // answer,
        // and no connection of the pool is ever good again.
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        // Hikari's own smallest value is 250 ms.
        // Shorter than the call that waits for it: else the call is interrupted, and the cause is not seen.
        config.setConnectionTimeout(Math.max(250, Math.min(timeout.toMillis() / 2, 3000)));
        long seconds = Math.max(1, timeout.toSeconds());
        config.addDataSourceProperty("connectTimeout", Long.toString(seconds));
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("ApplicationName", "dualwrite-sink-" + sink);
        // The details of an error are the row itself.
        config.addDataSourceProperty("logServerErrorDetail", "false");
        return new HikariDataSource(config);
    }
}
