package dev.dualwrite.spring.transaction;

import dev.dualwrite.outbox.spi.AppendBuffer;
import dev.dualwrite.outbox.spi.Committed;
import java.sql.Connection;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * One physical transaction and, if it is one of the outbox, its buffer. Confined to the transaction's thread.
 *
 * <p>As a synchronization it hears of savepoints, and of the completion before any other one does.
 */
final class PhysicalTransaction implements TransactionSynchronization {

    private final TransactionExecution status;
    private final ManagedDataSource manager;
    private final @Nullable Bound bound;
    private final @Nullable String refusal;
    private final AppendBuffer buffer;
    private @Nullable RuntimeException failure;
    private @Nullable Committed written;

    /** Where the connection of a transaction is bound. The holder is a new one for each physical transaction. */
    record Bound(DataSource key, ConnectionHolder holder) {}

    private PhysicalTransaction(
            TransactionExecution status, ManagedDataSource manager, @Nullable Bound bound, AppendBuffer buffer) {
        this.status = status;
        this.manager = manager;
        this.bound = bound;
        this.refusal = bound == null ? null : refusal(status, manager);
        this.buffer = buffer;
    }

    static PhysicalTransaction foreign(TransactionExecution status, ManagedDataSource manager) {
        return new PhysicalTransaction(status, manager, null, new AppendBuffer());
    }

    static PhysicalTransaction of(
            TransactionExecution status, ManagedDataSource manager, Bound bound, AppendBuffer buffer) {
        return new PhysicalTransaction(status, manager, bound, buffer);
    }

    private static @Nullable String refusal(TransactionExecution status, ManagedDataSource manager) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            return "append needs transaction synchronization, to hear of savepoints, but transaction manager " + manager
                    + " has it switched off (SYNCHRONIZATION_NEVER). Call setTransactionSynchronization"
                    + "(SYNCHRONIZATION_ON_ACTUAL_TRANSACTION) or leave its default";
        }
        if (status.isReadOnly()) {
            return "append needs a read-write transaction, but '" + status.getTransactionName()
                    + "' of transaction manager " + manager
                    + " is read-only. Remove readOnly = true from the method that began it";
        }
        return null;
    }

    boolean has(TransactionExecution other) {
        return status == other;
    }

    boolean has(ConnectionHolder holder) {
        return bound != null && bound.holder() == holder;
    }

    boolean isOf(ManagedDataSource other) {
        return manager == other;
    }

    boolean isForeign() {
        return bound == null;
    }

    boolean takesEntries() {
        return bound != null && refusal == null;
    }

    boolean isCompleted() {
        return status.isCompleted();
    }

    /** Whether this is a transaction of the outbox that is neither suspended nor over. */
    boolean isBound() {
        return bound != null && TransactionSynchronizationManager.getResource(bound.key()) == bound.holder();
    }

    ManagedDataSource manager() {
        return manager;
    }

    Connection connection() {
        if (bound == null) {
            throw new IllegalStateException("transaction manager " + manager + " has no connection of the outbox");
        }
        return bound.holder().getConnection();
    }

    /** Whether this is the transaction's connection, whoever has wrapped it. */
    boolean isOn(Connection other) {
        Connection own = connection();
        return own == other || DataSourceUtils.getTargetConnection(own) == DataSourceUtils.getTargetConnection(other);
    }

    AppendBuffer buffer() {
        if (refusal != null) {
            throw new IllegalStateException(refusal);
        }
        return buffer;
    }

    /** What is inserted, for the case that the transaction commits; absent if nothing is. */
    @Nullable
    Committed written() {
        return written;
    }

    void written(Committed entries) {
        written = entries;
    }

    /** Runs a step of ours at the end of the transaction, and remembers what it throws: others would wrap it. */
    void runOurs(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
    }

    @Nullable
    RuntimeException failure() {
        return failure;
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public void savepoint(Object savepoint) {
        buffer.savepoint(savepoint);
    }

    @Override
    public void savepointRollback(Object savepoint) {
        buffer.rollbackTo(savepoint);
    }

    @Override
    public void afterCompletion(int completion) {
        // Whatever another synchronization's callback appends from here on would be lost without a word.
        buffer.seal();
        // A TransactionException out of a synchronization's beforeCommit makes Spring neither commit nor roll back. Its
        // cleaning up then sets autocommit, which commits the domain rows without their entries; under Hibernate the
        // connection would never be given back.
        if (completion == STATUS_UNKNOWN && !buffer.isEmpty()) {
            manager.rollBack(connection());
        }
    }
}
