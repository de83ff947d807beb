package dev.dualwrite.spring.jpa;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.metamodel.mapping.DiscriminatorValue.Literal;
import org.hibernate.metamodel.mapping.EntityDiscriminatorMapping;
import org.hibernate.metamodel.mapping.EntityMappingType;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;

/** What tells the entities of a hierarchy apart in a state. Confined to one thread; no I/O. */
final class TypeName {

    private static final String FIELD = "type";
    private static final String OTHER_FIELD = "entityType";

    private final SessionFactoryImplementor factory;
    private final Map<String, String> fields = new HashMap<>();

    TypeName(SessionFactoryImplementor factory) {
        this.factory = factory;
    }

    /** Puts what its discriminator column holds, or else the name of the entity, if the hierarchy has several. */
    void putInto(Map<String, @Nullable Object> tree, EntityPersister type) {
        EntityMappingType root = type.getRootEntityDescriptor();
        if (root.hasSubclasses()) {
            tree.put(fields.computeIfAbsent(root.getEntityName(), name -> field(root)), nameOf(type));
        }
    }

    // One name for the whole hierarchy: a field that moves would be another field to the secondary.
    private String field(EntityMappingType root) {
        boolean taken = root.getSubclassEntityNames().stream()
                .map(factory.getMappingMetamodel()::getEntityDescriptor)
                .anyMatch(each -> FIELD.equals(each.getIdentifierMapping().getAttributeName())
                        || each.findAttributeMapping(FIELD) != null);
        return taken ? OTHER_FIELD : FIELD;
    }

    private static Object nameOf(EntityPersister type) {
        EntityDiscriminatorMapping mapping = type.getDiscriminatorMapping();
        if (mapping != null && mapping.hasPhysicalColumn() && type.getDiscriminatorValue() instanceof Literal literal) {
            return literal.value() instanceof Number number
                    ? number
                    : literal.value().toString();
        }
        return Objects.requireNonNullElse(type.getJpaEntityName(), type.getEntityName());
    }
}
