package dev.dualwrite.spring.jpa;

import java.util.function.BiConsumer;
import org.hibernate.metamodel.mapping.AttributeMapping;
import org.hibernate.metamodel.mapping.EmbeddableMappingType;
import org.hibernate.metamodel.mapping.EmbeddableMappingType.ConcreteEmbeddableType;
import org.jspecify.annotations.Nullable;

/** Visits the attributes of embeddables. Pure. */
final class Embeddables {

    private Embeddables() {}

    /** Each attribute that the class of the value has, with its value. */
    static void forEach(
            EmbeddableMappingType type, Object value, BiConsumer<AttributeMapping, @Nullable Object> visitor) {
        ConcreteEmbeddableType concrete = type.isPolymorphic()
                ? type.findSubtypeBySubclass(value.getClass().getName())
                : null;
        for (int i = 0; i < type.getNumberOfAttributeMappings(); i++) {
            if (concrete == null || concrete.declaresAttribute(i)) {
                visitor.accept(type.getAttributeMapping(i), type.getValue(value, i));
            }
        }
    }
}
