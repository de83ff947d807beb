package dev.dualwrite.bench.pod;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.postgres.PostgresServer;

/** Where a database is, and who logs in there. Immutable; for servers that live as long as the benchmark. */
public record Place(String url, String user, String password) {

    public static Place of(Database database) {
        PostgresServer server = database.cluster().server();
        return new Place(server.url(database.name()), server.user(), server.password());
    }

    /** The same, with a driver that prepares nothing, so that the server counts its COMMITs too. */
    public Place counted() {
        return new Place(Cluster.unprepared(url), user, password);
    }

    /** A new pool of so many connections at most; one is kept open. */
    public HikariDataSource pool(String name, int connections) {
        var config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        config.setPoolName(name);
        return new HikariDataSource(config);
    }
}
