package dev.dualwrite.spring.jpa;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.hibernate.metamodel.mapping.BasicValuedModelPart;
import org.hibernate.metamodel.mapping.CompositeIdentifierMapping;
import org.hibernate.metamodel.mapping.EmbeddableMappingType;
import org.hibernate.metamodel.mapping.EmbeddableValuedModelPart;
import org.hibernate.metamodel.mapping.EntityIdentifierMapping;
import org.hibernate.metamodel.mapping.ModelPart;
import org.hibernate.metamodel.mapping.NonAggregatedIdentifierMapping;
import org.hibernate.metamodel.mapping.ValuedModelPart;
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
                .sorted(Comparator.comparing(place -> column(type.getAttributeMapping(place))))
                .toList();
        var attributes = new ArrayList<IdShape>();
        for (int place : places) {
            var attribute = type.getAttributeMapping(place);
            attributes.add(shape(attribute.getAttributeName(), attribute));
        }
        return new IdShape.Composite(name, type, List.copyOf(attributes), places);
    }

    /** Which does not change when an attribute is renamed, or names are quoted; of several the first in the alphabet. */
    private static String column(ValuedModelPart part) {
        var columns = new TreeSet<String>();
        part.forEachSelectable((i, column) ->
                columns.add(column.getSelectionExpression().replace("\"", "").toLowerCase(Locale.ROOT)));
        return columns.first();
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
