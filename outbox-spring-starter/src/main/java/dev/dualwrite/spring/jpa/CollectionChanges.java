package dev.dualwrite.spring.jpa;

import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.event.spi.AbstractCollectionEvent;
import org.hibernate.event.spi.PostCollectionRecreateEvent;
import org.hibernate.event.spi.PostCollectionRecreateEventListener;
import org.hibernate.event.spi.PostCollectionRemoveEvent;
import org.hibernate.event.spi.PostCollectionRemoveEventListener;
import org.hibernate.event.spi.PostCollectionUpdateEvent;
import org.hibernate.event.spi.PostCollectionUpdateEventListener;
import org.hibernate.persister.collection.CollectionPersister;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;

/**
 * Captures changes of collections: element collections, join tables, and associations to many whose foreign key the collection
 * writes. Thread-safe.
 *
 * <p>A collection that is mapped by the other side has no rows of its own: there the elements' own changes count, but for an index
 * that only the collection writes. So do those of the owner in a stateless session, which writes collections only together with it.
 */
final class CollectionChanges
        implements PostCollectionRecreateEventListener,
                PostCollectionUpdateEventListener,
                PostCollectionRemoveEventListener {

    private final CapturedModel model;
    private final EntityChanges owners;

    CollectionChanges(CapturedModel model, EntityChanges owners) {
        this.model = model;
        this.owners = owners;
    }

    @Override
    public void onPostRecreateCollection(PostCollectionRecreateEvent event) {
        changed(event);
    }

    @Override
    public void onPostUpdateCollection(PostCollectionUpdateEvent event) {
        changed(event);
    }

    @Override
    public void onPostRemoveCollection(PostCollectionRemoveEvent event) {
        changed(event);
    }

    private void changed(AbstractCollectionEvent event) {
        SharedSessionContractImplementor session = sessionOf(event);
        CollectionPersister collection = event.getCollectionPersister();
        if (session == null || collection == null || !WrittenElements.writes(collection)) {
            return;
        }
        Object owner = event.getAffectedOwnerOrNull();
        EntityPersister persister =
                owner == null ? collection.getOwnerEntityPersister() : session.getEntityPersister(null, owner);
        if (!model.isCaptured(persister.getEntityName())) {
            return;
        }
        Object id = ownerId(event, session, persister);
        if (id == null) {
            throw new IllegalStateException("collection " + collection.getRole()
                    + " has changed, but Hibernate does not tell whose it is: its aggregate cannot be captured."
                    + " Next: change it through its owner, loaded in the same session");
        }
        owners.changed(session, persister, new ChangedRow(id, owner, null));
    }

    static @Nullable SharedSessionContractImplementor sessionOf(AbstractCollectionEvent event) {
        try {
            return event.getSession();
        } catch (NullPointerException e) {
            // The event of a stateless session has none, and nothing else tells it from others.
            return null;
        }
    }

    private static @Nullable Object ownerId(
            AbstractCollectionEvent event, SharedSessionContractImplementor session, EntityPersister persister) {
        Object id = event.getAffectedOwnerIdOrNull();
        Object owner = event.getAffectedOwnerOrNull();
        return id == null && owner != null ? persister.getIdentifier(owner, session) : id;
    }
}
