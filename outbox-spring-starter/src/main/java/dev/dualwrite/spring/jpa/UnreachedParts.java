package dev.dualwrite.spring.jpa;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hibernate.metamodel.mapping.AttributeMapping;
import org.hibernate.metamodel.mapping.EmbeddableValuedModelPart;
import org.hibernate.metamodel.mapping.EntityMappingType;
import org.hibernate.metamodel.mapping.EntityValuedModelPart;
import org.hibernate.metamodel.mapping.ForeignKeyDescriptor;
import org.hibernate.metamodel.mapping.ManagedMappingType;
import org.hibernate.metamodel.mapping.ModelPart;
import org.hibernate.metamodel.mapping.PluralAttributeMapping;
import org.hibernate.metamodel.mapping.internal.ToOneAttributeMapping;
import org.jspecify.annotations.Nullable;

/**
 * Finds parts that are in no state, because what they belong to has no attribute that leads down to them: their changes would be
 * captured, and never arrive. Follows the rules of {@link EntityState}. No I/O.
 *
 * @param ways of one aggregate type
 */
record UnreachedParts(PartWays ways) {

    List<String> mistakes() {
        return ways.model()
                .partsOfType(ways.root().aggregateType())
                .filter(part -> !isReached(part))
                .map(part -> "entity " + part.persister().getEntityName() + " is a part of aggregate type '"
                        + ways.root().aggregateType() + "' by '" + String.join(".", part.path()) + "', but no attribute"
                        + " leads from there down to it: it would be in no state. Next: add the other side of the"
                        + " association (mappedBy = \"" + part.path().get(0) + "\"), or load the states of '"
                        + ways.root().aggregateType() + "' by a StateLoader of your own")
                .sorted()
                .distinct()
                .toList();
    }

    private boolean isReached(CapturedPart part) {
        if (!(PartPaths.attribute(part.persister(), part.path().get(0)) instanceof ToOneAttributeMapping up)) {
            return false;
        }
        EntityMappingType above = up.getEntityMappingType();
        return above.getSubclassEntityNames().stream()
                .map(name -> part.persister().getFactory().getMappingMetamodel().getEntityDescriptor(name))
                .anyMatch(owner -> attributes(owner).anyMatch(attribute -> leads(attribute, owner, part.persister())));
    }

    private boolean leads(AttributeMapping attribute, EntityMappingType owner, EntityMappingType part) {
        if (attribute instanceof PluralAttributeMapping plural) {
            return plural.getElementDescriptor() instanceof EntityValuedModelPart elements
                    ? leads(elements, plural.getCollectionDescriptor().getMappedByProperty(), owner, part)
                    : leadsBelow(plural.getElementDescriptor(), owner, part);
        }
        if (attribute instanceof ToOneAttributeMapping toOne) {
            return toOne.getSideNature() == ForeignKeyDescriptor.Nature.TARGET && leads(toOne, null, owner, part);
        }
        return leadsBelow(attribute, owner, part);
    }

    private boolean leads(
            EntityValuedModelPart target, @Nullable String mappedBy, EntityMappingType owner, EntityMappingType part) {
        EntityMappingType type = target.getEntityMappingType();
        return type.getSubclassEntityNames().contains(part.getEntityName())
                && ways.back(type, owner, mappedBy).isPresent();
    }

    private boolean leadsBelow(ModelPart attribute, EntityMappingType owner, EntityMappingType part) {
        return attribute instanceof EmbeddableValuedModelPart embedded
                && attributes(embedded.getEmbeddableTypeDescriptor()).anyMatch(each -> leads(each, owner, part));
    }

    private static Stream<AttributeMapping> attributes(ManagedMappingType type) {
        var attributes = type.getAttributeMappings();
        return IntStream.range(0, attributes.size()).mapToObj(attributes::get);
    }
}
