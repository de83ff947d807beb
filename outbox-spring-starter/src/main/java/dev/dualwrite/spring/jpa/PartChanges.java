package dev.dualwrite.spring.jpa;

import java.util.List;
import org.hibernate.Hibernate;
import org.hibernate.bytecode.enhance.spi.LazyPropertyInitializer;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.metamodel.mapping.AttributeMapping;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.proxy.HibernateProxy;
import org.hibernate.proxy.LazyInitializer;
import org.jspecify.annotations.Nullable;

/**
 * Captures the roots of parts that have changed. No query while the way can be walked in memory: a proxy knows its id without being
 * loaded. Thread-safe.
 */
final class PartChanges {

    private final RootEntries entries;
    private final UnknownRoots unknown;

    PartChanges(RootEntries entries, UnknownRoots unknown) {
        this.entries = entries;
        this.unknown = unknown;
    }

    /** Captures the root that a row of the part leads to. */
    void changed(SharedSessionContractImplementor session, CapturedPart part, ChangedRow row) {
        walk(session, part.root(), new Step(part.persister(), row.id(), part.path()), first(part, row));
    }

    /** Captures the root that a row of the part leads to in the database, before a change that does not know what was there. */
    void stored(SharedSessionContractImplementor session, CapturedPart part, Object id) {
        unknown.now(session, new RootQuestion(part.persister().getEntityName(), part.path(), part.root()), id);
    }

    /** An entity on the way, and the way that is left from there. */
    private record Step(EntityPersister persister, Object id, List<String> path) {}

    static @Nullable Object first(CapturedPart part, ChangedRow row) {
        String name = part.path().get(0);
        AttributeMapping attribute = part.persister().findAttributeMapping(name);
        @Nullable Object @Nullable [] state = row.state();
        if (attribute != null && state != null) {
            return state[attribute.getStateArrayPosition()];
        }
        Object entity = row.entity();
        // One that is a part of the identifier is not in the state.
        return entity == null
                ? LazyPropertyInitializer.UNFETCHED_PROPERTY
                : part.persister().getPropertyValue(Hibernate.unproxy(entity), name);
    }

    private void walk(SharedSessionContractImplementor session, CapturedRoot root, Step step, @Nullable Object value) {
        if (value == null) {
            return;
        }
        List<String> rest = step.path().subList(1, step.path().size());
        if (value == LazyPropertyInitializer.UNFETCHED_PROPERTY) {
            ask(session, root, step);
        } else if (rest.isEmpty()) {
            entries.changed(session, root, idOf(session, root.persister(), value));
        } else if (Hibernate.isInitialized(value)) {
            Object entity = Hibernate.unproxy(value);
            EntityPersister persister = session.getEntityPersister(null, entity);
            Object next = persister.getPropertyValue(entity, rest.get(0));
            walk(session, root, new Step(persister, idOf(session, persister, entity), rest), next);
        } else {
            EntityPersister persister = persisterOf(session, value);
            ask(session, root, new Step(persister, idOf(session, persister, value), rest));
        }
    }

    private void ask(SharedSessionContractImplementor session, CapturedRoot root, Step step) {
        unknown.later(session, new RootQuestion(step.persister().getEntityName(), step.path(), root), step.id());
    }

    private static EntityPersister persisterOf(SharedSessionContractImplementor session, Object value) {
        LazyInitializer lazy = HibernateProxy.extractLazyInitializer(value);
        return session.getEntityPersister(lazy == null ? null : lazy.getEntityName(), value);
    }

    private static Object idOf(SharedSessionContractImplementor session, EntityPersister persister, Object value) {
        LazyInitializer lazy = HibernateProxy.extractLazyInitializer(value);
        return lazy == null ? persister.getIdentifier(value, session) : lazy.getInternalIdentifier();
    }
}
