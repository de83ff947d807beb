package dev.dualwrite.spring.autoconfigure;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/**
 * The names of properties that records are bound to, as a tree: a name, then what may stand below it. Confined to one thread
 * while it is built.
 */
final class PropertyNames {

    private final Map<String, PropertyNames> children = new TreeMap<>();
    private final Map<String, String> spelled = new TreeMap<>();
    private @Nullable PropertyNames anyName;
    private boolean open;

    /** A name that is not known, and how it may have been meant. */
    record Unknown(Optional<String> nearest) {}

    /** Adds what a record reads below a prefix. */
    void add(String prefix, Class<?> properties) {
        PropertyNames node = this;
        for (String element : prefix.split("\\.")) {
            node = node.child(element);
        }
        node.addComponents(properties);
    }

    /** Empty if a property of that name is read; the first element must be known. */
    Optional<Unknown> unknown(ConfigurationPropertyName name) {
        PropertyNames node = this;
        var right = new StringBuilder();
        for (int i = 0; i < name.getNumberOfElements(); i++) {
            if (node.open || name.isNumericIndex(i)) {
                return Optional.empty();
            }
            String element = name.getElement(i, Form.UNIFORM);
            PropertyNames named = node.children.get(element);
            PropertyNames below = named == null ? node.anyName : named;
            if (below == null) {
                String prefix = right.toString();
                return Optional.of(new Unknown(
                        node.children.isEmpty()
                                ? Optional.of(prefix)
                                : Spelling.nearest(element, node.spelled).map(found -> join(prefix, found))));
            }
            right.append(right.isEmpty() ? "" : ".")
                    .append(named == null ? name.getElement(i, Form.ORIGINAL) : node.spelled.get(element));
            node = below;
        }
        return Optional.empty();
    }

    private static String join(String prefix, String leaf) {
        return prefix.isEmpty() ? leaf : prefix + "." + leaf;
    }

    private PropertyNames child(String dashed) {
        String uniform = dashed.replace("-", "").toLowerCase(Locale.ROOT);
        spelled.put(uniform, dashed);
        return children.computeIfAbsent(uniform, name -> new PropertyNames());
    }

    private void addComponents(Class<?> properties) {
        for (RecordComponent component : properties.getRecordComponents()) {
            Name name = component.getAnnotation(Name.class);
            String dashed = DataObjectPropertyName.toDashedForm(name == null ? component.getName() : name.value());
            child(dashed).addValue(component.getGenericType());
        }
    }

    private void addValue(Type type) {
        if (type instanceof Class<?> value && value.isRecord()) {
            addComponents(value);
        } else if (type instanceof ParameterizedType generic && generic.getRawType() == Map.class) {
            Type value = generic.getActualTypeArguments()[1];
            if (value instanceof Class<?> properties && properties.isRecord()) {
                PropertyNames below = anyName == null ? new PropertyNames() : anyName;
                below.addComponents(properties);
                anyName = below;
            } else {
                open = true;
            }
        }
    }
}
