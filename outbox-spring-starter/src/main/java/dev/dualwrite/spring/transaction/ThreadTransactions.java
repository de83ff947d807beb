package dev.dualwrite.spring.transaction;

import dev.dualwrite.outbox.spi.AppendBuffer;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The physical transactions that are open on each thread, the oldest first: those of the outbox, and those of other
 * managers, so that an error can name them. Thread-safe, because each thread sees its own.
 *
 * <p>Which one is current is not remembered but looked up each time: the one whose connection holder is bound right now.
 * So suspending and resuming need no bookkeeping that could go wrong.
 */
final class ThreadTransactions {

    // Not static: two outboxes in one JVM must not see each other's transactions.
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable List<PhysicalTransaction>> open = new ThreadLocal<>();

    void add(PhysicalTransaction transaction) {
        List<PhysicalTransaction> list = open.get();
        if (list == null) {
            list = new ArrayList<>(2);
            open.set(list);
        }
        list.add(transaction);
    }

    /** Forgets what has ended unheard: no listener is told if a TransactionException comes before the commit. */
    void prune() {
        List<PhysicalTransaction> list = list();
        for (int i = list.size() - 1; i >= 0; i--) {
            if (list.get(i).isCompleted()) {
                remove(list.get(i));
            }
        }
    }

    void remove(PhysicalTransaction transaction) {
        List<PhysicalTransaction> list = list();
        list.remove(transaction);
        if (list.isEmpty()) {
            open.remove();
        }
    }

    /** The transaction with this status, if it is still open. */
    @Nullable
    PhysicalTransaction with(TransactionExecution status) {
        return last(list(), t -> t.has(status));
    }

    /** The transaction of the outbox that a manager has opened last and that is not suspended, if there is one. */
    @Nullable
    PhysicalTransaction boundOf(ManagedDataSource manager) {
        return last(list(), t -> t.isOf(manager) && t.isBound());
    }

    boolean isKnown(ConnectionHolder holder) {
        return list().stream().anyMatch(t -> t.has(holder));
    }

    /** The buffer of the transaction whose connection is bound right now. */
    AppendBuffer current() {
        return currentTransaction().buffer();
    }

    /** The same, if its connection is this one. */
    AppendBuffer current(Connection connection) {
        PhysicalTransaction current = currentTransaction();
        if (!current.isOn(connection)) {
            throw new IllegalStateException(
                    "a captured change is made on a connection that is not the one of the current"
                            + " transaction of transaction manager " + current.manager()
                            + ": it would be committed, or rolled"
                            + " back, without its entry. Next: make it in the transaction's own EntityManager, or in a session"
                            + " that is opened on its connection");
        }
        return current.buffer();
    }

    private PhysicalTransaction currentTransaction() {
        PhysicalTransaction bound = last(list(), PhysicalTransaction::isBound);
        if (bound == null) {
            prune();
            throw new IllegalStateException("append needs an active transaction of the outbox's DataSource, but "
                    + reason(last(list(), t -> true)));
        }
        return bound;
    }

    private static String reason(@Nullable PhysicalTransaction newest) {
        boolean active = TransactionSynchronizationManager.isActualTransactionActive();
        boolean synchronizing = TransactionSynchronizationManager.isSynchronizationActive();
        if (newest != null && newest.isForeign() && (active || !synchronizing)) {
            return "the current one belongs to transaction manager " + newest.manager()
                    + ", which drives another DataSource (or JTA, or shows no JDBC connection). Name the outbox's"
                    + " own transaction manager in @Transactional";
        }
        if (active) {
            return "the current one, '" + TransactionSynchronizationManager.getCurrentTransactionName()
                    + "', belongs to a transaction manager that Dualwrite does not know. Use the outbox's own one,"
                    + " declared as a bean";
        }
        if (newest != null && !newest.isForeign()) {
            return "the one of transaction manager " + newest.manager()
                    + " is suspended here (NOT_SUPPORTED?). Append outside of the suspending method, or give that one"
                    + " REQUIRES_NEW";
        }
        return "there is none (SUPPORTS without a transaction counts as none). Add @Transactional to the method that"
                + " changes the data and appends";
    }

    private List<PhysicalTransaction> list() {
        List<PhysicalTransaction> list = open.get();
        return list == null ? List.of() : list;
    }

    private static @Nullable PhysicalTransaction last(
            List<PhysicalTransaction> list, Predicate<PhysicalTransaction> wanted) {
        for (int i = list.size() - 1; i >= 0; i--) {
            if (wanted.test(list.get(i))) {
                return list.get(i);
            }
        }
        return null;
    }
}
