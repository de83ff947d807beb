package dev.dualwrite.spring.jpa;

import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.event.spi.EventSource;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of each session until its transaction ends. Thread-safe; a value is confined to its session's thread.
 *
 * @param <T> what is remembered
 */
final class SessionMemory<T> {

    // Weak: a session that is closed within its transaction is told nothing of the end.
    private final Map<SharedSessionContractImplementor, T> values = Collections.synchronizedMap(new WeakHashMap<>());

    /**
     * Whether a session will be told of the end of its transaction. A stateless one is, but before its batch is executed; one that is
     * opened on a connection on which somebody else drives the transaction is not.
     */
    static boolean isToldOfTheEnd(SharedSessionContractImplementor session) {
        return session instanceof EventSource && session.isTransactionInProgress();
    }

    /** What is remembered of a session; a new value, until the end of the transaction, if nothing is. */
    T of(SharedSessionContractImplementor session, Supplier<T> first) {
        T known = values.get(session);
        if (known != null) {
            return known;
        }
        T value = first.get();
        values.put(session, value);
        session.getTransactionCompletionCallbacks().registerCallback((success, ended) -> values.remove(ended));
        return value;
    }

    /** Forgets, and tells what was remembered. */
    @Nullable
    T forget(SharedSessionContractImplementor session) {
        return values.remove(session);
    }
}
