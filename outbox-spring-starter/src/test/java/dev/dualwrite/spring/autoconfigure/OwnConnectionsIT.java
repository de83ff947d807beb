package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.IMetricsTracker;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Connections that are opened like those of a service's pool, and are told apart from them. */
class OwnConnectionsIT {

    private static final OwnConnections.Use USE =
            new OwnConnections.Use("dualwrite-relay", 1, Duration.ofSeconds(5), false);

    private final TestDatabase database = TestDatabases.create();

    @Test
    void poolThatIsMeasuredCanBeCopied() throws SQLException {
        try (HikariDataSource service = service()) {
            service.setMetricsTrackerFactory((name, stats) -> new IMetricsTracker() {});

            assertThat(nameOfSessionsLike(service)).isEqualTo("dualwrite-relay");
        }
    }

    @Test
    void sessionsAreNamedAfterTheirUse() throws SQLException {
        try (HikariDataSource service = service()) {
            assertThat(nameOfSessionsLike(service)).isEqualTo("dualwrite-relay");
        }
    }

    @Test
    void nameThatTheServiceSetStays() throws SQLException {
        try (HikariDataSource service = service()) {
            service.addDataSourceProperty("ApplicationName", "orders");

            assertThat(nameOfSessionsLike(service)).isEqualTo("orders");
        }
    }

    private HikariDataSource service() {
        var service = new HikariDataSource();
        service.setJdbcUrl(database.url());
        service.setUsername(database.user());
        service.setPassword(database.password());
        return service;
    }

    private static String nameOfSessionsLike(HikariDataSource service) throws SQLException {
        try (OwnConnections own = OwnConnections.like(service, null, USE).orElseThrow();
                Connection connection = own.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW application_name")) {
            row.next();
            return row.getString(1);
        }
    }
}
