package dev.dualwrite.spring.jpa;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.hibernate.LockMode;
import org.hibernate.engine.spi.EntityEntry;
import org.hibernate.engine.spi.EntityKey;
import org.hibernate.event.spi.EventSource;
import org.hibernate.event.spi.FlushEvent;
import org.hibernate.event.spi.FlushEventListener;

/**
 * Captures versions that are raised without a change ({@code OPTIMISTIC_FORCE_INCREMENT}, {@code PESSIMISTIC_FORCE_INCREMENT}):
 * Hibernate writes them past every event of a row, but what it locked so can be read off the session until the transaction ends.
 * Thread-safe.
 */
final class VersionChanges implements FlushEventListener {

    private final CapturedModel model;
    private final EntityChanges entities;
    private final SessionMemory<Set<EntityKey>> captured = new SessionMemory<>();

    VersionChanges(CapturedModel model, EntityChanges entities) {
        this.model = model;
        this.entities = entities;
    }

    @Override
    public void onFlush(FlushEvent event) {
        EventSource session = event.getSession();
        for (Map.Entry<Object, EntityEntry> each :
                session.getPersistenceContextInternal().reentrantSafeEntityEntries()) {
            EntityEntry entry = each.getValue();
            if (isForced(entry.getLockMode()) && model.isCaptured(entry.getEntityName()) && isNew(session, entry)) {
                entities.changed(session, entry.getPersister(), new ChangedRow(entry.getId(), each.getKey(), null));
            }
        }
    }

    // Each flush finds it again, and one comes after each round of entries: they would never end.
    private boolean isNew(EventSource session, EntityEntry entry) {
        return !SessionMemory.isToldOfTheEnd(session)
                || captured.of(session, HashSet::new).add(entry.getEntityKey());
    }

    private static boolean isForced(LockMode mode) {
        return mode == LockMode.OPTIMISTIC_FORCE_INCREMENT || mode == LockMode.PESSIMISTIC_FORCE_INCREMENT;
    }
}
