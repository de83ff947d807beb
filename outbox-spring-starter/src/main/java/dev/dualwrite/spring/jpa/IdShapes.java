package dev.dualwrite.spring.jpa;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.hibernate.metamodel.mapping.BasicValuedModelPart;
import org.hibernate.metamodel.mapping.CompositeIdentifierMapping;
import org.hibernate.metamodel.mapping.EmbeddableMappingType;
import org.hibernate.metamodel.mapping.EmbeddableValuedModelPart;
import org.hibernate.metamodel.mapping.EntityIdentifierMapping;
import org.hibernate.metamodel.mapping.ModelPart;
import org.hibernate.metamodel.mapping.NonAggregatedIdentifierMapping;
import org.hibernate.persister.entity.EntityPersister;

/** Finds the shape of an entity's identifier in Hibernate's metamodel. */
final class IdShapes {

    private IdShapes() {}

    /** Throws an IllegalArgumentException that says what has no text form, and what to do. */
    static IdShape of(EntityPersister persister) {
        EntityIdentifierMapping identifier = persister.getIdentifierMapping();
        if (identifier instanceof NonAggregatedIdentifierMapping several && several.getIdClassEmbeddable() == null) {
            throw new IllegalArgumentException(
                    "its identifier is made of several attributes without a class of its own,"
                            + " expected one value, an @EmbeddedId or an @IdClass. Next: give it an @IdClass");
        }
        if (identifier instanceof CompositeIdentifierMapping composite) {
            return embeddable("", composite.getMappedIdEmbeddableTypeDescriptor());
        }
        return shape(identifier.getAttributeName(), identifier);
    }

    private static IdShape embeddable(String name, EmbeddableMappingType type) {
        List<Integer> places = IntStream.range(0, type.getNumberOfAttributeMappings())
                .boxed()
                .sorted(Comparator.comparing(
                        place -> type.getAttributeMapping(place).getAttributeName()))
                .toList();
        var attributes = new ArrayList<IdShape>();
        for (int place : places) {
            var attribute = type.getAttributeMapping(place);
            attributes.add(shape(attribute.getAttributeName(), attribute));
        }
        return new IdShape.Composite(name, type, List.copyOf(attributes), places);
    }

    private static IdShape shape(String name, ModelPart part) {
        if (part instanceof EmbeddableValuedModelPart embedded) {
            return embeddable(name, embedded.getEmbeddableTypeDescriptor());
        }
        BasicValuedModelPart basic = part.asBasicValuedModelPart();
        if (basic == null) {
            throw new IllegalArgumentException(
                    "'" + name + "' of its identifier is an association, expected a value."
                            + " Next: keep the value in the identifier's class, and map the association with @MapsId or @Id beside it");
        }
        return new IdShape.Basic(name, IdText.of(name, basic.getJdbcMapping()));
    }
}
