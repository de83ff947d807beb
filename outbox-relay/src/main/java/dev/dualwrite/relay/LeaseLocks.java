package dev.dualwrite.relay;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.support.SQLErrorCodeSQLExceptionTranslator;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.util.function.SingletonSupplier;

/** ShedLock on the primary, with locks that carry the id of this relay start and waits that end. */
final class LeaseLocks {

    private LeaseLocks() {}

    /** A provider whose statements wait at most so long for a row that somebody else has locked; then the lock is not granted. */
    static JdbcTemplateLockProvider of(DataSource primary, String schema, UUID relay, Duration lockTimeout) {
        var template = new JdbcTemplate(primary);
        // By SQLSTATE class alone, Spring's default, a lock timeout is no concurrency failure, and ShedLock throws.
        // The first use reads an XML file of Spring's: 300 classes that a relay does not need until somebody is in its
        // way.
        var byCode = SingletonSupplier.of(() -> new SQLErrorCodeSQLExceptionTranslator("PostgreSQL"));
        template.setExceptionTranslator((task, sql, failure) -> byCode.obtain().translate(task, sql, failure));
        return new JdbcTemplateLockProvider(JdbcTemplateLockProvider.Configuration.builder()
                .withJdbcTemplate(template)
                .withTransactionManager(new ImpatientTransactions(primary, lockTimeout))
                .withTableName(schema + ".shedlock")
                .withLockedByValue(relay.toString())
                .usingDbTime()
                .build());
    }

    /** The timeout holds for the transaction alone: behind a pooler the server's session is somebody else's afterwards. */
    private static final class ImpatientTransactions extends DataSourceTransactionManager {

        private static final long serialVersionUID = 1L;

        private static final String LIMIT_LOCK_WAITS = """
                SELECT set_config('lock_timeout', ?, true),
                       set_config('idle_in_transaction_session_timeout', ?, true)
                """;

        private static final Duration LONGEST_IDLENESS = Duration.ofSeconds(5);

        private final Duration lockTimeout;

        ImpatientTransactions(DataSource dataSource, Duration lockTimeout) {
            super(dataSource);
            this.lockTimeout = lockTimeout;
        }

        @Override
        protected void prepareTransactionalConnection(Connection connection, TransactionDefinition definition)
                throws SQLException {
            super.prepareTransactionalConnection(connection, definition);
            try (PreparedStatement set = connection.prepareStatement(LIMIT_LOCK_WAITS)) {
                set.setString(1, lockTimeout.toMillis() + "ms");
                // The row must not stay locked while this process is paused or cut off.
                set.setString(2, LONGEST_IDLENESS.toMillis() + "ms");
                set.execute();
            }
        }
    }
}
