package dev.dualwrite.spring.transaction;

import static java.util.Objects.requireNonNull;

import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import dev.dualwrite.outbox.spi.AppendBuffer;
import dev.dualwrite.outbox.spi.CommitListener;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.TransactionBinding;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * The outbox in Spring's transactions: each physical transaction on the outbox's DataSource has a buffer of its own, which
 * is written at the very end of that transaction, on its own connection, and dropped if it does not commit.
 *
 * <p>A transaction counts if a JDBC connection is bound to the thread for the outbox's DataSource by a transaction manager
 * that was {@linkplain #attach attached}: JDBC managers, and JPA ones with Hibernate. Suspended transactions, {@code
 * SUPPORTS} without a transaction, JTA and transactions on another DataSource do not.
 *
 * <p>Savepoints are followed, both {@code NESTED} and {@code TransactionStatus.createSavepoint()}. Not seen are savepoints
 * set on the {@link java.sql.Connection} itself, and manual ones of a transaction inside which another manager's one runs.
 * Batches that a {@code StatelessSession} on a connection of its own still holds back at the end are not seen either:
 * execute them yourself, as without an outbox.
 *
 * <p>Thread-safe. {@link #current()} does no I/O; the end of a transaction blocks on the database.
 */
public final class OutboxTransactions implements TransactionBinding {

    private final ThreadTransactions transactions = new ThreadTransactions();
    private final DataSource outboxDataSource;
    private final TransactionEnd end;
    private final UnaryOperator<OutboxEntry> context;

    /**
     * A binding for one outbox. The suppliers are asked at the end of each transaction that has entries, not before:
     * transaction managers are created before what is supplied.
     *
     * @param outboxDataSource where the outbox's schema is: the one that the service's transaction manager uses
     * @param writer writes the entries
     * @param commitListeners called on the committing thread after a commit with entries; what they throw is logged
     * @param probe {@link CrashProbe#NONE} in production
     */
    public OutboxTransactions(
            DataSource outboxDataSource,
            Supplier<EntryWriter> writer,
            Supplier<List<CommitListener>> commitListeners,
            CrashProbe probe) {
        this(
                requireNonNull(outboxDataSource, "outboxDataSource"),
                new TransactionEnd(
                        requireNonNull(writer, "writer"),
                        requireNonNull(commitListeners, "commitListeners"),
                        requireNonNull(probe, "probe")),
                UnaryOperator.identity());
    }

    private OutboxTransactions(DataSource outboxDataSource, TransactionEnd end, UnaryOperator<OutboxEntry> context) {
        this.outboxDataSource = outboxDataSource;
        this.end = end;
        this.context = context;
    }

    /**
     * A binding of its own, attached to no manager yet, that adds the surroundings of each append and capture to the entry.
     *
     * @param context see {@link dev.dualwrite.outbox.spi.EntryContext}; called on the thread of the append, must not throw
     */
    public OutboxTransactions withContext(UnaryOperator<OutboxEntry> context) {
        return new OutboxTransactions(outboxDataSource, end, requireNonNull(context, "context"));
    }

    /**
     * Takes part in the transactions of a manager from its next one on. A second call does nothing; reactive managers are
     * left alone, their transactions have no thread.
     */
    public void attach(ConfigurableTransactionManager manager) {
        attach(manager, manager.getClass().getSimpleName());
    }

    /** As {@link #attach(ConfigurableTransactionManager)}, with the name that error messages use. */
    void attach(ConfigurableTransactionManager manager, String name) {
        if (!(manager instanceof PlatformTransactionManager) || isAttached(manager)) {
            return;
        }
        // A copy: the manager's collection may be one that a user gave, and unmodifiable.
        var listeners = new ArrayList<TransactionExecutionListener>(manager.getTransactionExecutionListeners());
        listeners.add(new TransactionBoundary(
                new ManagedDataSource(manager, outboxDataSource, name), transactions, end, context));
        manager.setTransactionExecutionListeners(listeners);
    }

    private boolean isAttached(ConfigurableTransactionManager manager) {
        return manager.getTransactionExecutionListeners().stream()
                .anyMatch(listener ->
                        listener instanceof TransactionBoundary boundary && boundary.belongsTo(transactions));
    }

    @Override
    public AppendBuffer current() {
        return transactions.current();
    }

    /**
     * As {@link #current()}, for a change that is made on a connection.
     *
     * @throws IllegalStateException if there is no such transaction, or its connection is another one
     */
    public AppendBuffer current(Connection connection) {
        return transactions.current(connection);
    }

    /** Whether a DataSource leads to the outbox, directly or through one of Spring's wrappers. */
    public boolean isAt(@Nullable DataSource dataSource) {
        return dataSource != null && ManagedDataSource.isSame(dataSource, outboxDataSource);
    }
}
