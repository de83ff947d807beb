package dev.dualwrite.spring.transaction;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/** Under which DataSource a transaction manager binds its connections, as far as the outbox is concerned. Immutable. */
final class ManagedDataSource {

    private static final boolean JPA = ClassUtils.isPresent(
                    "org.springframework.orm.jpa.JpaTransactionManager", ManagedDataSource.class.getClassLoader())
            && ClassUtils.isPresent(
                    "org.hibernate.engine.spi.SessionImplementor", ManagedDataSource.class.getClassLoader());

    private final ConfigurableTransactionManager manager;
    private final DataSource outbox;
    private final String name;

    ManagedDataSource(ConfigurableTransactionManager manager, DataSource outbox, String name) {
        this.manager = manager;
        this.outbox = outbox;
        this.name = name;
    }

    /**
     * The key under which this manager's connections to the outbox's database are bound; absent if it drives another
     * DataSource. For a kind of manager that does not tell its DataSource it is the outbox's own: if a new connection
     * turns up there at the begin of a transaction, that manager has put it there.
     */
    @Nullable
    DataSource key() {
        DataSource managed = managed();
        if (managed == null) {
            return manager instanceof ResourceTransactionManager ? null : outbox;
        }
        return isSame(managed, outbox) ? managed : null;
    }

    /** What this manager binds for its transactions: a {@link ConnectionHolder}, or the holder of an EntityManager. */
    @Nullable
    Object boundResource() {
        return manager instanceof ResourceTransactionManager resources
                ? TransactionSynchronizationManager.getResource(resources.getResourceFactory())
                : null;
    }

    boolean bindsHibernateSession() {
        return JPA && HibernateEnd.isSession(boundResource());
    }

    /** Ends a transaction of this manager that Spring leaves open. Never throws: there is an exception on its way. */
    void rollBack(Connection connection) {
        try {
            if (bindsHibernateSession()) {
                HibernateEnd.rollBack(boundResource());
            } else {
                connection.rollback();
            }
        } catch (SQLException | RuntimeException e) {
            TransactionLog.rollbackFailed(this, e);
        }
    }

    @Override
    public String toString() {
        return "'" + name + "' (" + manager.getClass().getSimpleName() + ")";
    }

    private @Nullable DataSource managed() {
        if (manager instanceof ResourceTransactionManager resources
                && resources.getResourceFactory() instanceof DataSource dataSource) {
            return dataSource;
        }
        return JPA ? HibernateEnd.dataSourceOf(manager) : null;
    }

    static boolean isSame(DataSource one, DataSource other) {
        return target(one) == target(other);
    }

    // Only the two wrappers that are known to lead to the same database; any other one may route.
    private static DataSource target(DataSource dataSource) {
        if (dataSource instanceof TransactionAwareDataSourceProxy
                || dataSource instanceof LazyConnectionDataSourceProxy) {
            DataSource target = ((DelegatingDataSource) dataSource).getTargetDataSource();
            return target == null ? dataSource : target(target);
        }
        return dataSource;
    }
}
