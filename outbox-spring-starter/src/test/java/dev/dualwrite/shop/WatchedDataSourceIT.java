package dev.dualwrite.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.DataSourceUtils;

/** A DataSource that is watched is the same to everyone who uses it. */
@ExtendWith(Shops.class)
class WatchedDataSourceIT {

    private static Shop shop;

    @BeforeAll
    static void start(Shops.Started shops) {
        shop = shops.warns();
    }

    @Test
    void poolCanBeInjectedByItsClass() throws SQLException {
        HikariDataSource pool = shop.context().getBean(HikariDataSource.class);

        assertThat(AopUtils.isAopProxy(pool)).isTrue();
        assertThat(pool.getJdbcUrl()).startsWith("jdbc:postgresql:");
        assertThat(pool.getMaximumPoolSize()).isEqualTo(4);
        assertThat(pool.getHikariPoolMXBean().getTotalConnections()).isPositive();
        assertThat(pool.isWrapperFor(HikariDataSource.class)).isTrue();
        assertThat(pool.unwrap(HikariDataSource.class).getJdbcUrl()).isEqualTo(pool.getJdbcUrl());
        assertThat(DataSourceUnwrapper.unwrap(shop.dataSource(), HikariDataSource.class)
                        .getMaximumPoolSize())
                .isEqualTo(4);
    }

    @Test
    void poolIsMeasured() throws SQLException {
        MeterRegistry meters = shop.context().getBean(MeterRegistry.class);

        try (Connection connection = shop.dataSource().getConnection()) {
            assertThat(connection.isValid(1)).isTrue();
            assertThat(meters.get("jdbc.connections.active").gauge().value()).isEqualTo(1);
            assertThat(meters.get("jdbc.connections.max").gauge().value()).isEqualTo(4);
            assertThat(meters.get("hikaricp.connections.active").gauge().value())
                    .isEqualTo(1);
        }
    }

    @Test
    void connectionIsEqualToItselfAndItsStatementsLeadBackToIt() throws SQLException {
        try (Connection connection = shop.dataSource().getConnection();
                Connection other = shop.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            assertThat(Set.of(connection, other)).contains(connection, other).hasSize(2);
            assertThat(statement.getConnection()).isSameAs(connection);
            assertThat(connection.unwrap(PGConnection.class).getBackendPID()).isPositive();
            assertThat(connection.isWrapperFor(PGConnection.class)).isTrue();
        }
    }

    @Test
    void failureOfTheDriverIsNotWrapped() throws SQLException {
        try (Connection connection = shop.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            assertThat(catchThrowable(() -> statement.execute("SELECT nothing")))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("nothing");
        }
    }

    @Test
    void plainJdbcSharesTheConnectionOfTheEntityManager() {
        shop.inTransaction(() -> {
            shop.entities().persist(new Entities.Label("shared"));
            shop.entities().flush();
            Connection connection = DataSourceUtils.getConnection(shop.dataSource());

            assertThat(DataSourceUtils.isConnectionTransactional(connection, shop.dataSource()))
                    .isTrue();
            assertThat(shop.jdbc().queryForObject("SELECT count(*) FROM label WHERE id = 'shared'", Long.class))
                    .isEqualTo(1);
        });
    }

    @Test
    void connectionOfAPreparedStatementIsKnownAsThatOfTheTransaction() {
        shop.inTransaction(() -> {
            shop.entities().persist(new Entities.Label("kept open"));
            shop.entities().flush();
            shop.jdbc().execute("SELECT count(*) FROM label", (PreparedStatement statement) -> {
                DataSourceUtils.releaseConnection(statement.getConnection(), shop.dataSource());
                return statement.execute();
            });

            assertThat(shop.jdbc().queryForObject("SELECT count(*) FROM label WHERE id = 'kept open'", Long.class))
                    .isEqualTo(1);
        });
    }
}
