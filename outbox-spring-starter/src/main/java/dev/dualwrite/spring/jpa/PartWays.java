package dev.dualwrite.spring.jpa;

import java.util.Optional;
import org.hibernate.metamodel.mapping.EntityMappingType;
import org.hibernate.metamodel.mapping.ModelPart;
import org.hibernate.metamodel.mapping.NonAggregatedIdentifierMapping;
import org.hibernate.metamodel.mapping.internal.ToOneAttributeMapping;
import org.jspecify.annotations.Nullable;

/**
 * How the parts of one aggregate hang together: through which attribute a part leads to the entity above it. Immutable.
 *
 * @param model all that is captured
 * @param root of the aggregate
 */
record PartWays(CapturedModel model, CapturedRoot root) {

    /** Whether an entity is of this aggregate type. */
    boolean isRoot(EntityMappingType entity) {
        CapturedRoot found = model.rootOf(entity.getEntityName());
        return found != null && found.aggregateType().equals(root.aggregateType());
    }

    /**
     * The attribute of a part that leads back to an entity above it; empty if the target is not its part.
     *
     * @param mappedBy the attribute on the other side, if the association is said to have one
     */
    Optional<String> back(EntityMappingType target, EntityMappingType owner, @Nullable String mappedBy) {
        return model.partsOf(target.getEntityName()).stream()
                .filter(part -> part.root().aggregateType().equals(root.aggregateType()))
                .map(part -> part.path().get(0))
                .filter(step -> mappedBy == null || mappedBy.isEmpty() || mappedBy.equals(step))
                .filter(step -> leadsTo(target, step, owner))
                .findFirst();
    }

    private static boolean leadsTo(EntityMappingType target, String step, EntityMappingType owner) {
        ModelPart way = target.findAttributeMapping(step);
        if (way == null && target.getIdentifierMapping() instanceof NonAggregatedIdentifierMapping several) {
            way = several.getVirtualIdEmbeddable().findAttributeMapping(step);
        }
        return way instanceof ToOneAttributeMapping toOne
                && toOne.getAssociatedEntityMappingType().getRootEntityDescriptor() == owner.getRootEntityDescriptor();
    }
}
