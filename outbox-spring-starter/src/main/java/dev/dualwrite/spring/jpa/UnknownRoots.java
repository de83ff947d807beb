package dev.dualwrite.spring.jpa;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.event.spi.EventSource;

/**
 * Rows whose root is not known, because what lies between is not loaded. They are collected, and asked for at the end of the
 * transaction: one query for each entity and path, not one for each row. Thread-safe.
 */
final class UnknownRoots {

    private final RootEntries entries;

    // Weak: a session that is closed within its transaction is told nothing of the end.
    private final Map<SharedSessionContractImplementor, Map<RootQuestion, Set<Object>>> open =
            Collections.synchronizedMap(new WeakHashMap<>());

    UnknownRoots(RootEntries entries) {
        this.entries = entries;
    }

    /** Captures the root that a row leads to, at the end of the transaction. */
    void later(SharedSessionContractImplementor session, RootQuestion question, Object id) {
        if (!isToldOfItsEnd(session)) {
            now(session, question, id);
            return;
        }
        Map<RootQuestion, Set<Object>> questions = open.get(session);
        if (questions == null) {
            questions = new LinkedHashMap<>();
            open.put(session, questions);
            session.getTransactionCompletionCallbacks().registerCallback(this::end);
            session.getTransactionCompletionCallbacks().registerCallback((success, ended) -> open.remove(ended));
        }
        questions.computeIfAbsent(question, q -> new LinkedHashSet<>()).add(id);
    }

    /** Captures the root that a row leads to in the database as it is. */
    void now(SharedSessionContractImplementor session, RootQuestion question, Object id) {
        answer(session, question, List.of(id));
    }

    // Within the service's last flush, before the entries are written.
    private void end(SharedSessionContractImplementor session) {
        Map<RootQuestion, Set<Object>> questions = open.remove(session);
        if (questions != null) {
            questions.forEach((question, ids) -> answer(session, question, ids));
        }
    }

    private void answer(SharedSessionContractImplementor session, RootQuestion question, Collection<Object> ids) {
        RootQuery.answer(session, question, ids, id -> entries.changed(session, question.root(), id));
    }

    // A stateless session's callbacks come before its batch; a session on a foreign connection has none.
    private static boolean isToldOfItsEnd(SharedSessionContractImplementor session) {
        return session instanceof EventSource && session.isTransactionInProgress();
    }
}
