package dev.dualwrite.spring.transaction;

import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.AppendBuffer;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Follows one transaction manager: opens a buffer at the begin of each physical transaction of the outbox, has it written
 * before the commit, and drops it at the end, whatever that is. Thread-safe.
 *
 * <p>A {@code TransactionSynchronization} alone would not do: Spring iterates a snapshot of them, so one that is registered
 * by a first append during {@code beforeCommit} is never called, and one that is registered later than ours and appends
 * in its own {@code beforeCommit} runs after ours. The {@code beforeCommit} of a listener comes after all of them.
 */
final class TransactionBoundary implements TransactionExecutionListener {

    private final ManagedDataSource manager;
    private final ThreadTransactions transactions;
    private final TransactionEnd end;
    private final UnaryOperator<OutboxEntry> context;

    TransactionBoundary(
            ManagedDataSource manager,
            ThreadTransactions transactions,
            TransactionEnd end,
            UnaryOperator<OutboxEntry> context) {
        this.manager = manager;
        this.transactions = transactions;
        this.end = end;
        this.context = context;
    }

    boolean belongsTo(ThreadTransactions other) {
        return transactions == other;
    }

    // Nothing here may throw: the transaction has begun, and Spring would neither commit nor roll it back.
    @Override
    public void afterBegin(TransactionExecution status, @Nullable Throwable beginFailure) {
        if (beginFailure != null) {
            return;
        }
        if (status.isNested()) {
            // Spring tells synchronizations too, but not while they are suspended by another manager's transaction.
            PhysicalTransaction outer = transactions.boundOf(manager);
            if (outer != null) {
                outer.savepoint(status);
            }
        } else if (status.isNewTransaction()) {
            open(status);
        }
    }

    private void open(TransactionExecution status) {
        transactions.prune();
        DataSource key = manager.key();
        if (key != null
                && TransactionSynchronizationManager.getResource(key) instanceof ConnectionHolder holder
                && !transactions.isKnown(holder)) {
            PhysicalTransaction opened = PhysicalTransaction.of(
                    status, manager, new PhysicalTransaction.Bound(key, holder), new AppendBuffer(context));
            transactions.add(opened);
            if (opened.takesEntries()) {
                TransactionSynchronizationManager.registerSynchronization(opened);
            }
        } else {
            transactions.add(PhysicalTransaction.foreign(status, manager));
        }
    }

    @Override
    public void beforeCommit(TransactionExecution status) {
        PhysicalTransaction transaction = transactions.with(status);
        if (transaction == null || !transaction.takesEntries()) {
            return;
        }
        // JPA managers come here with such a transaction too, and roll it back later.
        if (status.isRollbackOnly()) {
            transaction.buffer().seal();
        } else if (manager.bindsHibernateSession()) {
            HibernateEnd.watch(manager.boundResource(), transaction, end);
        } else {
            end.write(transaction, EntryTarget.jdbc(transaction));
        }
    }

    // With a failure it is not known whether the commit took place: waking the relay in vain does no harm.
    @Override
    public void afterCommit(TransactionExecution status, @Nullable Throwable commitFailure) {
        PhysicalTransaction transaction = transactions.with(status);
        if (transaction != null) {
            transactions.remove(transaction);
            end.wake(transaction);
            rethrow(transaction, commitFailure);
        }
    }

    @Override
    public void beforeRollback(TransactionExecution status) {
        PhysicalTransaction scope = status.isNested() ? transactions.boundOf(manager) : null;
        if (scope != null) {
            scope.savepointRollback(status);
        }
    }

    @Override
    public void afterRollback(TransactionExecution status, @Nullable Throwable rollbackFailure) {
        PhysicalTransaction transaction = transactions.with(status);
        if (transaction != null) {
            transactions.remove(transaction);
            if (rollbackFailure != null) {
                // A commit that lost its connection ends here: neither it nor the rollback was confirmed.
                end.wake(transaction);
            }
            rethrow(transaction, rollbackFailure);
        }
    }

    // Hibernate and Spring wrap what is thrown inside Hibernate's commit, and Spring prefers the failure of a rollback
    // to the
    // reason of that rollback. The caller must see our exception in every kind of transaction. All that is left to do
    // now
    // is Spring's cleaning up, and that is in a finally.
    private static void rethrow(PhysicalTransaction transaction, @Nullable Throwable other) {
        RuntimeException failure = transaction.failure();
        if (failure == null) {
            return;
        }
        if (other != null && other != failure) {
            failure.addSuppressed(other);
        }
        throw failure;
    }
}
