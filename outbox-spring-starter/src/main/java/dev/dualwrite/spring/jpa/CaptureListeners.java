package dev.dualwrite.spring.jpa;

import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.event.service.spi.EventListenerRegistry;
import org.hibernate.event.spi.EventType;

/** Puts the listeners of a model into its session factory. */
final class CaptureListeners {

    private CaptureListeners() {}

    /** A factory without captured entities gets none. */
    static void register(SessionFactoryImplementor factory, CapturedModel model, RootEntries entries) {
        if (model.isEmpty()) {
            return;
        }
        var entities = new EntityChanges(model, entries, new PartChanges(entries, new UnknownRoots(entries)));
        var collections = new CollectionChanges(model, entities);
        EventListenerRegistry registry = factory.getEventListenerRegistry();
        registry.appendListeners(EventType.PRE_INSERT, entities);
        registry.appendListeners(EventType.PRE_UPDATE, entities);
        registry.appendListeners(EventType.PRE_DELETE, entities);
        registry.appendListeners(EventType.PRE_UPSERT, entities);
        registry.appendListeners(EventType.POST_INSERT, entities);
        registry.appendListeners(EventType.POST_UPDATE, entities);
        registry.appendListeners(EventType.POST_DELETE, entities);
        registry.appendListeners(EventType.POST_UPSERT, entities);
        var elements = new ElementChanges(model, entities);
        registry.appendListeners(EventType.PRE_COLLECTION_RECREATE, elements);
        registry.appendListeners(EventType.PRE_COLLECTION_UPDATE, elements);
        registry.appendListeners(EventType.PRE_COLLECTION_REMOVE, elements);
        registry.appendListeners(EventType.POST_COLLECTION_RECREATE, collections);
        registry.appendListeners(EventType.POST_COLLECTION_UPDATE, collections);
        registry.appendListeners(EventType.POST_COLLECTION_REMOVE, collections);
        registry.appendListeners(EventType.FLUSH, new VersionChanges(model, entities));
    }
}
