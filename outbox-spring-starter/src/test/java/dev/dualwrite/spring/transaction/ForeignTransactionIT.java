package dev.dualwrite.spring.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_NESTED;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_NOT_SUPPORTED;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_REQUIRED;
import static org.springframework.transaction.TransactionDefinition.PROPAGATION_REQUIRES_NEW;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.postgres.TestDatabases;
import jakarta.transaction.Status;
import jakarta.transaction.UserTransaction;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.jta.JtaTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Whose transaction counts, where there are several managers, several DataSources, or proxies around one. */
class ForeignTransactionIT {

    private static TestOutbox database;
    private static HikariDataSource pool;
    private static TestService service;

    @BeforeAll
    static void start() {
        database = TestOutbox.install();
        pool = database.pool();
        service = TestService.start(database, pool, TestService.Jdbc.class, Reporting.class);
    }

    @AfterAll
    static void stop() {
        service.close();
        pool.close();
    }

    @BeforeEach
    void clear() {
        service.reset();
        database.clear();
    }

    @Test
    void anotherManagersTransactionCountsAsNoneAndIsNamed() {
        reporting(PROPAGATION_REQUIRED)
                .executeWithoutResult(status -> assertThatIllegalStateException()
                        .isThrownBy(() -> service.append("a"))
                        .withMessageContaining("'reportingTransactionManager' (JdbcTransactionManager)")
                        .withMessageContaining("another DataSource"));

        assertThat(database.entries()).isEmpty();
    }

    @Test
    void transactionOfAnUnknownManagerCountsAsNone() {
        var unknown = new JdbcTransactionManager(service.bean("reportingDataSource", DataSource.class));

        new TransactionTemplate(unknown)
                .executeWithoutResult(status -> assertThatIllegalStateException()
                        .isThrownBy(() -> service.append("a"))
                        .withMessageContaining("does not know"));
    }

    @Test
    void jtaTransactionCountsAsNone() {
        var jta = new JtaTransactionManager(userTransaction());
        service.bean(OutboxTransactions.class).attach(jta);

        new TransactionTemplate(jta)
                .executeWithoutResult(status -> assertThatIllegalStateException()
                        .isThrownBy(() -> service.append("a"))
                        .withMessageContaining("JtaTransactionManager"));
    }

    @Test
    void jtaTransactionInsideTheOutboxOneDoesNotTakeItsEntriesOver() {
        var jta = new JtaTransactionManager(userTransaction());
        service.bean(OutboxTransactions.class).attach(jta);

        service.transaction().executeWithoutResult(outer -> {
            service.append("a");
            new TransactionTemplate(jta).executeWithoutResult(inner -> {
                service.append("b");
                inner.setRollbackOnly();
            });
            service.append("c");
        });

        assertThat(database.payloads()).containsExactly("a", "b", "c");
    }

    @Test
    void transactionOfAnUnknownManagerIsNotTakenForTheSuspendedOne() {
        var unknown = new JdbcTransactionManager(pool);

        service.transaction()
                .executeWithoutResult(outer -> service.transaction("transactionManager", PROPAGATION_NOT_SUPPORTED)
                        .executeWithoutResult(suspended -> new TransactionTemplate(unknown)
                                .executeWithoutResult(status -> assertThatIllegalStateException()
                                        .isThrownBy(() -> service.append("a"))
                                        .withMessageContaining("does not know"))));
    }

    // No JTA provider is on the class path: this stands in for one that always says yes.
    private static UserTransaction userTransaction() {
        var status = new AtomicInteger(Status.STATUS_NO_TRANSACTION);
        return (UserTransaction) Proxy.newProxyInstance(
                UserTransaction.class.getClassLoader(),
                new Class<?>[] {UserTransaction.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getStatus" -> status.get();
                    case "begin" -> {
                        status.set(Status.STATUS_ACTIVE);
                        yield null;
                    }
                    default -> null;
                });
    }

    // Trap: entry on a foreign connection. DataSourceUtils would hand out one in autocommit mode here, and the entry
    // would survive the rollback.
    @Test
    void entryNeverLeavesOnAForeignConnection() {
        reporting(PROPAGATION_REQUIRED).executeWithoutResult(outer -> {
            assertThatIllegalStateException().isThrownBy(() -> service.append("a"));
            outer.setRollbackOnly();
        });

        assertThat(database.entries()).isEmpty();
    }

    @Test
    void outboxTransactionInsideAnotherManagersOneIsWrittenAtItsOwnCommit() {
        reporting(PROPAGATION_REQUIRED).executeWithoutResult(outer -> {
            service.transaction().executeWithoutResult(inner -> service.append("a"));
            assertThat(database.payloads()).containsExactly("a");
            assertThatIllegalStateException().isThrownBy(() -> service.append("b"));
            outer.setRollbackOnly();
        });

        assertThat(database.payloads()).containsExactly("a");
    }

    @Test
    void anotherManagersTransactionInsideDoesNotEndTheOutboxOne() {
        service.transaction().executeWithoutResult(outer -> {
            service.append("a");
            reporting(PROPAGATION_REQUIRED).executeWithoutResult(inner -> {
                service.append("b");
                inner.setRollbackOnly();
            });
            assertThat(database.entries()).isEmpty();
            service.append("c");
        });

        // b too: its data would go to the outbox's transaction as well, whose connection is the one bound there.
        assertThat(database.payloads()).containsExactly("a", "b", "c");
    }

    @Test
    void anotherManagersSavepointLeavesTheEntriesAlone() {
        service.transaction().executeWithoutResult(outer -> {
            service.append("a");
            reporting(PROPAGATION_REQUIRED).executeWithoutResult(inner -> {
                reporting(PROPAGATION_NESTED).executeWithoutResult(nested -> {
                    service.append("b");
                    nested.setRollbackOnly();
                });
                Object savepoint = inner.createSavepoint();
                service.append("c");
                inner.rollbackToSavepoint(savepoint);
            });
        });

        assertThat(database.payloads()).containsExactly("a", "b", "c");
    }

    @Test
    void nestedScopeInsideAnotherManagersTransactionTakesItsEntriesWithIt() {
        service.transaction().executeWithoutResult(outer -> {
            service.append("a");
            reporting(PROPAGATION_REQUIRED)
                    .executeWithoutResult(inner -> service.nested().executeWithoutResult(nested -> {
                        service.append("b");
                        nested.setRollbackOnly();
                    }));
        });

        assertThat(database.payloads()).containsExactly("a");
    }

    @Test
    void outboxTransactionSuspendedInsideAnotherManagersOneIsNotTakenForIt() {
        service.transaction().executeWithoutResult(outer -> {
            service.append("outer");
            service.transaction("transactionManager", PROPAGATION_REQUIRES_NEW)
                    .executeWithoutResult(inner ->
                            reporting(PROPAGATION_REQUIRED).executeWithoutResult(status -> service.append("inner")));
            outer.setRollbackOnly();
        });

        assertThat(database.payloads()).containsExactly("inner");
    }

    @Test
    void lazyConnectionProxyAsTheServicesDataSourceWorks() {
        worksWith(new LazyConnectionDataSourceProxy(pool));
    }

    @Test
    void transactionAwareProxyAsTheServicesDataSourceWorks() {
        worksWith(new TransactionAwareDataSourceProxy(pool));
    }

    private static void worksWith(DataSource proxy) {
        try (TestService proxied = TestService.start(database, proxy, TestService.Jdbc.class)) {
            proxied.transaction().executeWithoutResult(status -> proxied.append("a"));
            proxied.transaction().executeWithoutResult(status -> {
                proxied.append("lost");
                status.setRollbackOnly();
            });
        }

        assertThat(database.payloads()).containsExactly("a");
    }

    @Test
    void managerOnAProxyAroundTheOutboxDataSourceCounts() {
        var manager = new JdbcTransactionManager(new LazyConnectionDataSourceProxy(pool));
        service.bean(OutboxTransactions.class).attach(manager);

        new TransactionTemplate(manager).executeWithoutResult(status -> service.append("a"));

        assertThat(database.payloads()).containsExactly("a");
    }

    private static TransactionTemplate reporting(int propagation) {
        return service.transaction("reportingTransactionManager", propagation);
    }

    @Configuration(proxyBeanMethods = false)
    static class Reporting {

        @Bean
        DataSource reportingDataSource() {
            var reporting = new HikariDataSource();
            reporting.setDataSource(TestDatabases.create().dataSource());
            reporting.setMaximumPoolSize(4);
            return reporting;
        }

        @Bean
        JdbcTransactionManager reportingTransactionManager(@Qualifier("reportingDataSource") DataSource reporting) {
            return new JdbcTransactionManager(reporting);
        }
    }
}
