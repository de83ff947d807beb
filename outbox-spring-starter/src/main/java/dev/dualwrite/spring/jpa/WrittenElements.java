package dev.dualwrite.spring.jpa;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.collection.spi.PersistentCollection;
import org.hibernate.persister.collection.CollectionPersister;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;

/** Which entities' rows a collection writes, though they have not changed themselves. Pure. */
final class WrittenElements {

    private WrittenElements() {}

    /**
     * Whether a collection writes anything. One that is mapped by the other side does not, but for the index that nobody else writes
     * (an {@code @OrderColumn}, a {@code @MapKeyColumn}).
     */
    static boolean writes(CollectionPersister collection) {
        return !collection.isInverse() || (collection.isOneToMany() && collection.hasIndex());
    }

    /** Whether a collection writes rows of entities, one of which is captured. */
    static boolean writesCaptured(CollectionPersister collection, CapturedModel model) {
        return collection.isOneToMany() && writes(collection) && isCaptured(elementType(collection), model);
    }

    private static boolean isCaptured(EntityPersister type, CapturedModel model) {
        return type.getSubclassEntityNames().stream().anyMatch(model::isCaptured);
    }

    /** The entity that the elements are, or that they extend. */
    static EntityPersister elementType(CollectionPersister collection) {
        return collection.getElementPersister();
    }

    /** Those that a collection holds now. */
    static List<Object> now(PersistentCollection<?> collection, CollectionPersister persister) {
        var elements = new ArrayList<Object>();
        if (!collection.wasInitialized()) {
            return elements;
        }
        for (Iterator<?> entries = collection.entries(persister); entries.hasNext(); ) {
            Object entry = entries.next();
            Object element = entry == null ? null : collection.getElement(entry);
            if (element != null) {
                elements.add(element);
            }
        }
        return elements;
    }

    /** Those that it held when it was loaded, or flushed before. */
    static List<Object> before(PersistentCollection<?> collection) {
        Serializable snapshot = collection.getStoredSnapshot();
        var elements = new ArrayList<Object>(values(snapshot));
        elements.removeIf(element -> element == null);
        return elements;
    }

    private static Collection<?> values(@Nullable Serializable snapshot) {
        if (snapshot instanceof Map<?, ?> map) {
            return map.values();
        }
        if (snapshot instanceof Collection<?> collection) {
            return collection;
        }
        return snapshot instanceof Object[] array ? Arrays.asList(array) : List.of();
    }

    /** Those whose rows an update of the collection writes; where there is an index, each of them may have got another. */
    static Collection<Object> changed(PersistentCollection<?> collection, CollectionPersister persister) {
        Set<Object> before = identities(before(collection));
        Set<Object> now = identities(now(collection, persister));
        Set<Object> changed = identities(before);
        changed.addAll(now);
        if (!persister.hasIndex()) {
            changed.removeIf(element -> before.contains(element) && now.contains(element));
        }
        return changed;
    }

    private static Set<Object> identities(Collection<Object> elements) {
        Set<Object> identities = Collections.newSetFromMap(new IdentityHashMap<>());
        identities.addAll(elements);
        return identities;
    }
}
