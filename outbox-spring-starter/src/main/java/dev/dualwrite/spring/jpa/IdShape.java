package dev.dualwrite.spring.jpa;

import java.util.Iterator;
import java.util.List;
import org.hibernate.metamodel.mapping.EmbeddableMappingType;
import org.jspecify.annotations.Nullable;

/** An identifier, or a part of one, that can be taken apart into texts and put together again. Immutable. */
sealed interface IdShape {

    /** Adds the name of each part. */
    void names(String name, List<String> names);

    /** Adds the text of each part. */
    void write(@Nullable Object value, List<String> parts);

    /** Takes as many parts as were written, and makes the value of them. */
    Object read(Iterator<String> parts);

    /** One value. */
    record Basic(String name, IdText text) implements IdShape {

        @Override
        public void names(String prefix, List<String> names) {
            names.add(prefix + name);
        }

        @Override
        public void write(@Nullable Object value, List<String> parts) {
            if (value == null) {
                throw new IllegalStateException(
                        "'" + name + "' of an identifier is null, expected a value: its aggregate has"
                                + " no id. Next: give every entity that is captured a whole identifier");
            }
            parts.add(text.of(value));
        }

        @Override
        public Object read(Iterator<String> parts) {
            return text.parse(parts.next());
        }
    }

    /**
     * Several values in an object.
     *
     * @param places where each attribute stands in the embeddable, in the alphabetical order of their columns' names
     */
    record Composite(String name, EmbeddableMappingType type, List<IdShape> attributes, List<Integer> places)
            implements IdShape {

        @Override
        public void names(String prefix, List<String> names) {
            String below = name.isEmpty() ? prefix : prefix + name + '.';
            attributes.forEach(attribute -> attribute.names(below, names));
        }

        @Override
        public void write(@Nullable Object value, List<String> parts) {
            for (int i = 0; i < attributes.size(); i++) {
                attributes.get(i).write(value == null ? null : type.getValue(value, places.get(i)), parts);
            }
        }

        @Override
        public Object read(Iterator<String> parts) {
            var values = new Object[attributes.size()];
            for (int i = 0; i < values.length; i++) {
                values[places.get(i)] = attributes.get(i).read(parts);
            }
            return type.getRepresentationStrategy().getInstantiator().instantiate(() -> values);
        }
    }
}
