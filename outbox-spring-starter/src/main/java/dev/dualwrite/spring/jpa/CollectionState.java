package dev.dualwrite.spring.jpa;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.hibernate.metamodel.mapping.BasicValuedModelPart;
import org.hibernate.metamodel.mapping.PluralAttributeMapping;
import org.jspecify.annotations.Nullable;

/**
 * The state of a collection: a list of the states of its elements, or a map of them. What the database gives no order is sorted,
 * by the elements' ids or whole states. Reading it initialises the collection.
 *
 * @param attribute the collection's mapping
 * @param element makes the state of an element
 * @param key makes the state of a key
 */
record CollectionState(
        PluralAttributeMapping attribute,
        UnaryOperator<@Nullable Object> element,
        UnaryOperator<@Nullable Object> key) {

    /** The state of the collection. */
    Object of(@Nullable Object value) {
        if (value == null) {
            return List.of();
        }
        return value instanceof Map<?, ?> map ? map(map) : list(value);
    }

    private List<@Nullable Object> list(Object value) {
        var states = new ArrayList<@Nullable Object>();
        if (value instanceof Collection<?> collection) {
            collection.forEach(each -> states.add(element.apply(each)));
        } else {
            for (int i = 0; i < Array.getLength(value); i++) {
                states.add(element.apply(Array.get(value, i)));
            }
        }
        if (!isOrdered()) {
            states.sort(new StateOrder());
        }
        return states;
    }

    private boolean isOrdered() {
        return attribute.getIndexDescriptor() != null
                || attribute.getOrderByFragment() != null
                || attribute.getManyToManyOrderByFragment() != null;
    }

    private Object map(Map<?, ?> map) {
        if (attribute.getIndexDescriptor() instanceof BasicValuedModelPart) {
            var states = new TreeMap<String, @Nullable Object>();
            map.forEach((k, v) -> states.put(String.valueOf(key.apply(k)), element.apply(v)));
            return states;
        }
        var entries = new ArrayList<Map<String, @Nullable Object>>();
        map.forEach((k, v) -> entries.add(entry(key.apply(k), element.apply(v))));
        entries.sort(new StateOrder());
        return entries;
    }

    private static Map<String, @Nullable Object> entry(@Nullable Object key, @Nullable Object value) {
        var entry = new LinkedHashMap<String, @Nullable Object>();
        entry.put("key", key);
        entry.put("value", value);
        return entry;
    }
}
