package dev.dualwrite.spring.jpa;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.engine.spi.SharedSessionContractImplementor;

/**
 * Rows whose root is not known, because what lies between is not loaded. They are collected, and asked for at the end of the
 * transaction: one query for each entity and path, not one for each row. Thread-safe.
 */
final class UnknownRoots {

    private final RootEntries entries;
    private final SessionMemory<Map<RootQuestion, Set<Object>>> open = new SessionMemory<>();

    UnknownRoots(RootEntries entries) {
        this.entries = entries;
    }

    /** Captures the root that a row leads to, at the end of the transaction. */
    void later(SharedSessionContractImplementor session, RootQuestion question, Object id) {
        if (!SessionMemory.isToldOfTheEnd(session)) {
            now(session, question, id);
            return;
        }
        Map<RootQuestion, Set<Object>> questions = open.of(session, LinkedHashMap::new);
        if (questions.isEmpty()) {
            session.getTransactionCompletionCallbacks().registerCallback(this::end);
        }
        questions.computeIfAbsent(question, q -> new LinkedHashSet<>()).add(id);
    }

    /** Captures the root that a row leads to in the database as it is. */
    void now(SharedSessionContractImplementor session, RootQuestion question, Object id) {
        answer(session, question, List.of(id));
    }

    // After the session's last flush, and before the entries are written.
    private void end(SharedSessionContractImplementor session) {
        Map<RootQuestion, Set<Object>> questions = open.forget(session);
        if (questions != null) {
            questions.forEach((question, ids) -> answer(session, question, ids));
        }
    }

    private void answer(SharedSessionContractImplementor session, RootQuestion question, Collection<Object> ids) {
        RootQuery.answer(session, question, ids, id -> entries.changed(session, question.root(), id));
    }
}
