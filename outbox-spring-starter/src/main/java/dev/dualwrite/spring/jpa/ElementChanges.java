package dev.dualwrite.spring.jpa;

import java.util.Collection;
import java.util.List;
import org.hibernate.Hibernate;
import org.hibernate.StatelessSession;
import org.hibernate.collection.spi.PersistentCollection;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.event.spi.AbstractCollectionEvent;
import org.hibernate.event.spi.PreCollectionRecreateEvent;
import org.hibernate.event.spi.PreCollectionRecreateEventListener;
import org.hibernate.event.spi.PreCollectionRemoveEvent;
import org.hibernate.event.spi.PreCollectionRemoveEventListener;
import org.hibernate.event.spi.PreCollectionUpdateEvent;
import org.hibernate.event.spi.PreCollectionUpdateEventListener;
import org.hibernate.persister.collection.CollectionPersister;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.proxy.HibernateProxy;
import org.hibernate.proxy.LazyInitializer;
import org.jspecify.annotations.Nullable;

/**
 * Captures the elements into whose rows a collection writes their foreign key, or their index: such an element may be captured
 * itself, and show that column as an attribute that it does not write. Thread-safe.
 *
 * <p>It looks before the change: afterwards the collection no longer knows what it held.
 */
final class ElementChanges
        implements PreCollectionRecreateEventListener,
                PreCollectionUpdateEventListener,
                PreCollectionRemoveEventListener {

    private final CapturedModel model;
    private final EntityChanges elements;

    ElementChanges(CapturedModel model, EntityChanges elements) {
        this.model = model;
        this.elements = elements;
    }

    @Override
    public void onPreRecreateCollection(PreCollectionRecreateEvent event) {
        CollectionPersister persister = persister(event);
        if (persister != null) {
            Collection<Object> added = WrittenElements.now(event.getCollection(), persister);
            if (!added.isEmpty()) {
                capture(session(event, persister), added);
            }
        }
    }

    @Override
    public void onPreUpdateCollection(PreCollectionUpdateEvent event) {
        CollectionPersister persister = persister(event);
        if (persister != null) {
            SharedSessionContractImplementor session = session(event, persister);
            // One that is not loaded writes nothing here: what was added to it is a change of the element.
            if (event.getCollection().wasInitialized()) {
                capture(session, WrittenElements.changed(event.getCollection(), persister));
            }
        }
    }

    @Override
    public void onPreRemoveCollection(PreCollectionRemoveEvent event) {
        CollectionPersister persister = persister(event);
        if (persister == null) {
            return;
        }
        SharedSessionContractImplementor session = session(event, persister);
        PersistentCollection<?> collection = event.getCollection();
        if (collection != null && collection.wasInitialized()) {
            capture(session, WrittenElements.before(collection));
        } else {
            capture(session, stored(session, persister, event.getAffectedOwnerIdOrNull()));
        }
    }

    private @Nullable CollectionPersister persister(AbstractCollectionEvent event) {
        CollectionPersister persister = event.getCollectionPersister();
        return persister != null && WrittenElements.writesCaptured(persister, model) ? persister : null;
    }

    private static SharedSessionContractImplementor session(
            AbstractCollectionEvent event, CollectionPersister persister) {
        SharedSessionContractImplementor session = CollectionChanges.sessionOf(event);
        if (session == null) {
            throw new IllegalStateException("a stateless session would write collection " + persister.getRole()
                    + " into the rows of captured entities, and nothing tells of which: they cannot be captured."
                    + " Next: change it in a Session, or map the association on the elements' side");
        }
        return session;
    }

    /** One query, where the elements are not loaded. */
    private static List<Object> stored(
            SharedSessionContractImplementor session, CollectionPersister persister, @Nullable Object ownerId) {
        String owner = persister.getOwnerEntityPersister().getEntityName();
        String path = persister.getRole().substring(owner.length() + 1);
        if (ownerId == null) {
            throw new IllegalStateException("collection " + persister.getRole() + " is removed, but Hibernate does not"
                    + " tell whose it is: its elements cannot be captured. Next: load it before it is removed");
        }
        // One of its own: the service's session is in a flush.
        try (StatelessSession own = session.getFactory()
                .withStatelessOptions()
                .connection(PhysicalConnection.of(session))
                .tenantIdentifier(session.getTenantIdentifierValue())
                .openStatelessSession()) {
            return own.createSelectionQuery(
                            "select e from " + owner + " o join o." + path + " e where o.id = :id", Object.class)
                    .setParameter("id", ownerId)
                    .getResultList();
        }
    }

    private void capture(SharedSessionContractImplementor session, Collection<Object> written) {
        written.forEach(element -> {
            LazyInitializer lazy = HibernateProxy.extractLazyInitializer(element);
            if (lazy != null && lazy.isUninitialized() && isAlone(declared(session, lazy))) {
                elements.changed(
                        session, declared(session, lazy), new ChangedRow(lazy.getInternalIdentifier(), null, null));
            } else {
                Object entity = Hibernate.unproxy(element);
                EntityPersister type = session.getEntityPersister(null, entity);
                elements.changed(session, type, new ChangedRow(type.getIdentifier(entity, session), entity, null));
            }
        });
    }

    /** Whether nothing extends an entity: else a proxy does not say which of them it is. */
    private static boolean isAlone(EntityPersister type) {
        return type.getSubclassEntityNames().size() == 1;
    }

    private static EntityPersister declared(SharedSessionContractImplementor session, LazyInitializer lazy) {
        return session.getFactory().getMappingMetamodel().getEntityDescriptor(lazy.getEntityName());
    }
}
