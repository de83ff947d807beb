package dev.dualwrite.spring.jpa;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.metamodel.mapping.EntityIdentifierMapping;
import org.hibernate.metamodel.mapping.EntityMappingType;
import org.hibernate.metamodel.mapping.ModelPart;
import org.hibernate.metamodel.mapping.NonAggregatedIdentifierMapping;
import org.hibernate.metamodel.mapping.internal.ToOneAttributeMapping;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;

/** Follows paths of to-one attributes from parts to their roots, in the metamodel. */
final class PartPaths {

    private final Map<String, CapturedRoot> roots;

    PartPaths(Map<String, CapturedRoot> roots) {
        this.roots = roots;
    }

    /** The part, or a mistake. */
    Optional<CapturedPart> find(EntityPersister entity, String path, List<String> mistakes) {
        EntityMappingType at = entity;
        for (String name : path.split("\\.", -1)) {
            ModelPart attribute = attribute(at, name);
            if (attribute instanceof ToOneAttributeMapping toOne) {
                at = toOne.getEntityMappingType();
            } else {
                mistakes.add("entity " + entity.getEntityName() + " is a part by '" + path + "', but '" + name + "' of "
                        + at.getEntityName() + (attribute == null ? " does not exist" : " is no to-one association")
                        + ". Next: write the names of to-one attributes that lead to the root, joined by dots");
                return Optional.empty();
            }
        }
        return root(entity, path, at.getEntityPersister(), mistakes)
                .map(root -> new CapturedPart(entity, List.of(path.split("\\.")), root));
    }

    /**
     * Adds a mistake for each entity on the way of a part that is itself no part of that aggregate: if it moved to another root,
     * all that lies below it would move unseen.
     */
    static void checkWay(CapturedPart part, Map<String, List<CapturedPart>> parts, List<String> mistakes) {
        EntityMappingType at = part.persister();
        for (String name : part.path().subList(0, part.path().size() - 1)) {
            if (attribute(at, name) instanceof ToOneAttributeMapping toOne) {
                at = toOne.getEntityMappingType();
                for (String between : at.getSubclassEntityNames()) {
                    boolean isPart = parts.getOrDefault(between, List.of()).stream()
                            .anyMatch(other -> other.root().equals(part.root()));
                    if (!isPart) {
                        mistakes.add("entity " + part.persister().getEntityName() + " is a part by '"
                                + String.join(".", part.path()) + "', but " + between + " on that way is no part of"
                                + " aggregate type '" + part.root().aggregateType() + "': if it moved, that would not"
                                + " be seen. Next: make " + between + " a part too");
                    }
                }
            }
        }
    }

    private Optional<CapturedRoot> root(
            EntityPersister entity, String path, EntityPersister target, List<String> mistakes) {
        CapturedRoot root = roots.get(target.getEntityName());
        if (root == null) {
            mistakes.add("entity " + entity.getEntityName() + " is a part by '" + path + "', which leads to "
                    + target.getEntityName() + ", but that is not captured. Next: capture it, or lead the path on to"
                    + " the root");
            return Optional.empty();
        }
        // A proxy does not say which of them it is.
        for (String below : target.getSubclassEntityNames()) {
            CapturedRoot other = roots.get(below);
            if (!root.equals(other)) {
                mistakes.add("entity " + entity.getEntityName() + " is a part by '" + path + "', which leads to "
                        + target.getEntityName() + " of aggregate type '" + root.aggregateType() + "' and to " + below
                        + (other == null ? ", which is not captured" : " of '" + other.aggregateType() + "'")
                        + ". Next: capture both as one aggregate type");
                return Optional.empty();
            }
        }
        return Optional.of(root);
    }

    /** One that is a part of the identifier is no attribute of its own. */
    static @Nullable ModelPart attribute(EntityMappingType entity, String name) {
        ModelPart attribute = entity.findAttributeMapping(name);
        EntityIdentifierMapping identifier = entity.getIdentifierMapping();
        if (attribute == null && identifier instanceof NonAggregatedIdentifierMapping several) {
            attribute = several.getVirtualIdEmbeddable().findAttributeMapping(name);
        }
        return attribute == null && name.equals(identifier.getAttributeName()) ? identifier : attribute;
    }
}
