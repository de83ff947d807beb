package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.postgres.TestDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** A pool that, unlike HikariCP, puts nothing back by itself: one connection that is handed out again and again. */
class ReadCommittedDataSourceIT {

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectionIsGivenBackWithTheIsolationItCameWith(boolean autoCommit) throws SQLException {
        Connection pooled = TestDatabases.create().dataSource().getConnection();
        pooled.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        pooled.setAutoCommit(autoCommit);
        var pool = new SingleConnectionDataSource(pooled, true);

        try (Connection connection = new ReadCommittedDataSource(pool).getConnection()) {
            assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
            connection.createStatement().execute("SELECT 1");
        }

        assertThat(pooled.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
        assertThat(pooled.getAutoCommit()).isEqualTo(autoCommit);
        pooled.close();
    }
}
