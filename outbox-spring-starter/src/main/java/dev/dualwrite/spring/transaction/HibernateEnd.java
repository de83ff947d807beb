package dev.dualwrite.spring.transaction;

import dev.dualwrite.outbox.jdbc.EncodedEntry;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import jakarta.persistence.EntityTransaction;
import java.util.List;
import javax.sql.DataSource;
import org.hibernate.FlushMode;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.event.spi.EventSource;
import org.hibernate.resource.transaction.spi.TransactionObserver;
import org.jspecify.annotations.Nullable;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.hibernate.HibernateTransactionManager;
import org.springframework.transaction.ConfigurableTransactionManager;

/**
 * The end of a transaction that Hibernate drives. Loaded only where Hibernate and spring-orm are. Confined to the thread.
 *
 * <p>Idea: write where nothing of Hibernate's comes after. Its observers are the last step of a commit before the JDBC one:
 * the flush is done, so are the version increments of {@code OPTIMISTIC_FORCE_INCREMENT}, the JDBC batches of stateless
 * sessions that share the connection, and synchronizations. So each row lock is held, each {@code @Version} is the one that
 * will be committed, what entity listeners appended in Hibernate's own last flush is there, and a transaction without
 * entries costs no second flush. A transaction that is rollback-only never gets here.
 */
final class HibernateEnd implements TransactionObserver, EntryTarget {

    private final EventSource session;
    private final PhysicalTransaction transaction;
    private final TransactionEnd end;

    private HibernateEnd(EventSource session, PhysicalTransaction transaction, TransactionEnd end) {
        this.session = session;
        this.transaction = transaction;
        this.end = end;
    }

    static boolean isSession(@Nullable Object resource) {
        return resource instanceof EntityManagerHolder;
    }

    static @Nullable DataSource dataSourceOf(ConfigurableTransactionManager manager) {
        if (manager instanceof JpaTransactionManager jpa) {
            return jpa.getDataSource();
        }
        return manager instanceof HibernateTransactionManager hibernate ? hibernate.getDataSource() : null;
    }

    /** Has the entries written at the end of the commit that begins now. Called late, so that it comes last. */
    static void watch(@Nullable Object resource, PhysicalTransaction transaction, TransactionEnd end) {
        if (resource instanceof EntityManagerHolder holder) {
            EventSource session =
                    holder.getEntityManager().unwrap(SessionImplementor.class).asEventSource();
            session.getTransactionCoordinator().addObserver(new HibernateEnd(session, transaction, end));
        }
    }

    static void rollBack(@Nullable Object resource) {
        if (resource instanceof EntityManagerHolder holder) {
            EntityTransaction transaction = holder.getEntityManager().getTransaction();
            if (transaction.isActive()) {
                transaction.rollback();
            }
        }
    }

    @Override
    public void afterBegin() {}

    @Override
    public void beforeCompletion() {
        // Hibernate has called these before the synchronizations, and will not look again: one that flushed may have
        // added some.
        session.getActionQueue().beforeTransactionCompletion();
        end.write(transaction, this);
    }

    // A session that outlives its transactions (open-in-view) must not keep one observer for each of them.
    @Override
    public void afterCompletion(boolean successful, boolean delayed) {
        session.getTransactionCoordinator().removeObserver(this);
    }

    @Override
    public void flush() {
        if (session.getHibernateFlushMode() != FlushMode.MANUAL) {
            session.flush();
            session.getActionQueue().beforeTransactionCompletion();
        }
    }

    @Override
    public void write(EntryWriter writer, List<EncodedEntry> entries) {
        session.doWork(connection -> writer.write(connection, entries));
    }
}
