package dev.dualwrite.spring.jpa;

import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.event.spi.AbstractDatabaseOperationEvent;
import org.hibernate.event.spi.PostDeleteEvent;
import org.hibernate.event.spi.PostDeleteEventListener;
import org.hibernate.event.spi.PostInsertEvent;
import org.hibernate.event.spi.PostInsertEventListener;
import org.hibernate.event.spi.PostUpdateEvent;
import org.hibernate.event.spi.PostUpdateEventListener;
import org.hibernate.event.spi.PostUpsertEvent;
import org.hibernate.event.spi.PostUpsertEventListener;
import org.hibernate.event.spi.PreDeleteEvent;
import org.hibernate.event.spi.PreDeleteEventListener;
import org.hibernate.event.spi.PreInsertEvent;
import org.hibernate.event.spi.PreInsertEventListener;
import org.hibernate.event.spi.PreUpdateEvent;
import org.hibernate.event.spi.PreUpdateEventListener;
import org.hibernate.event.spi.PreUpsertEvent;
import org.hibernate.event.spi.PreUpsertEventListener;
import org.hibernate.persister.entity.EntityPersister;

/**
 * Captures changes of rows. Thread-safe.
 *
 * <p>Before a statement it is checked that there is a transaction to capture in: without one the statement may commit on its own.
 * That there is a listener for deletions has one effect more: Hibernate loads what is deleted through a reference, so that its parts
 * are known; without a listener it would delete unseen, and tell nobody.
 */
final class EntityChanges
        implements PreInsertEventListener,
                PreUpdateEventListener,
                PreDeleteEventListener,
                PreUpsertEventListener,
                PostInsertEventListener,
                PostUpdateEventListener,
                PostDeleteEventListener,
                PostUpsertEventListener {

    private final CapturedModel model;
    private final RootEntries entries;
    private final PartChanges parts;

    EntityChanges(CapturedModel model, RootEntries entries, PartChanges parts) {
        this.model = model;
        this.entries = entries;
        this.parts = parts;
    }

    @Override
    public boolean onPreInsert(PreInsertEvent event) {
        before(event, true);
        return false;
    }

    @Override
    public boolean onPreUpdate(PreUpdateEvent event) {
        before(event, event.getOldState() != null);
        return false;
    }

    @Override
    public boolean onPreDelete(PreDeleteEvent event) {
        before(event, event.getDeletedState() != null);
        return false;
    }

    @Override
    public boolean onPreUpsert(PreUpsertEvent event) {
        before(event, false);
        return false;
    }

    // A stateless session knows only what it is given: where the row belongs now is asked, at one query.
    private void before(AbstractDatabaseOperationEvent event, boolean isOldStateKnown) {
        String entity = event.getPersister().getEntityName();
        if (!model.isCaptured(entity)) {
            return;
        }
        entries.require(event.getSession());
        if (!isOldStateKnown) {
            model.partsOf(entity).forEach(part -> parts.stored(event.getSession(), part, event.getId()));
        }
    }

    @Override
    public void onPostInsert(PostInsertEvent event) {
        changed(event, event.getState());
    }

    @Override
    public void onPostUpdate(PostUpdateEvent event) {
        changed(event, event.getState());
        Object[] old = event.getOldState();
        if (old != null) {
            var before = new ChangedRow(event.getId(), event.getEntity(), old);
            partsOf(event).forEach(part -> parts.changed(event.getSession(), part, before));
        }
    }

    @Override
    public void onPostUpsert(PostUpsertEvent event) {
        changed(event, event.getState());
    }

    @Override
    public void onPostDelete(PostDeleteEvent event) {
        CapturedRoot root = model.rootOf(event.getPersister().getEntityName());
        if (root != null) {
            entries.deleted(event.getSession(), root, event.getId());
        }
        Object[] deleted = event.getDeletedState();
        if (deleted != null) {
            var row = new ChangedRow(event.getId(), event.getEntity(), deleted);
            partsOf(event).forEach(part -> parts.changed(event.getSession(), part, row));
        }
    }

    private void changed(AbstractDatabaseOperationEvent event, Object[] state) {
        changed(event.getSession(), event.getPersister(), new ChangedRow(event.getId(), event.getEntity(), state));
    }

    /** Captures what a row of a captured entity, or of any other, belongs to. */
    void changed(SharedSessionContractImplementor session, EntityPersister persister, ChangedRow row) {
        CapturedRoot root = model.rootOf(persister.getEntityName());
        if (root != null) {
            entries.changed(session, root, row.id());
        }
        model.partsOf(persister.getEntityName()).forEach(part -> parts.changed(session, part, row));
    }

    private Iterable<CapturedPart> partsOf(AbstractDatabaseOperationEvent event) {
        return model.partsOf(event.getPersister().getEntityName());
    }

    @Override
    public boolean requiresPostCommitHandling(EntityPersister persister) {
        return false;
    }
}
