package dev.dualwrite.spring.jpa;

import java.util.List;
import org.hibernate.CacheMode;
import org.hibernate.FlushMode;
import org.hibernate.Session;
import org.hibernate.SessionBuilder;
import org.hibernate.engine.spi.FilterDefinition;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SessionImplementor;

/** Opens sessions that only read, past all caches and all that a service has put around its own sessions. Stateless; no I/O. */
final class ReadSession {

    private ReadSession() {}

    /**
     * Opens a session.
     *
     * @param builder of the factory, with its connection and its tenant
     * @param batchSize of collections, or of entities, that one query loads
     */
    static SessionImplementor open(SessionFactoryImplementor factory, SessionBuilder builder, int batchSize) {
        // A statement inspector or an interceptor of the service is there for the service's own work.
        Session session = builder.noInterceptor()
                .noStatementInspector()
                .flushMode(FlushMode.MANUAL)
                .initialCacheMode(CacheMode.IGNORE)
                .openSession();
        session.setDefaultReadOnly(true);
        session.setFetchBatchSize(batchSize);
        // A filter that enables itself would hide rows, and what is hidden would be deleted at the secondary.
        List.copyOf(factory.getAutoEnabledFilters()).stream()
                .map(FilterDefinition::getFilterName)
                .forEach(session::disableFilter);
        return (SessionImplementor) session;
    }
}
