package dev.dualwrite.spring.jpa;

import java.util.LinkedHashMap;
import java.util.Map;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.metamodel.mapping.CompositeIdentifierMapping;
import org.hibernate.metamodel.mapping.DiscriminatedAssociationModelPart;
import org.hibernate.metamodel.mapping.EmbeddableMappingType;
import org.hibernate.metamodel.mapping.EmbeddableValuedModelPart;
import org.hibernate.metamodel.mapping.EntityIdentifierMapping;
import org.hibernate.metamodel.mapping.EntityMappingType;
import org.hibernate.metamodel.mapping.EntityValuedModelPart;
import org.hibernate.metamodel.mapping.ModelPart;
import org.hibernate.metamodel.mapping.NonAggregatedIdentifierMapping;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.proxy.HibernateProxy;
import org.hibernate.proxy.LazyInitializer;
import org.jspecify.annotations.Nullable;

/** Identifiers in states: those of entities themselves, and those that stand for other aggregates. Loads nothing. */
final class IdState {

    private final ColumnValue columns;
    private final SharedSessionContractImplementor session;

    IdState(ColumnValue columns, SharedSessionContractImplementor session) {
        this.columns = columns;
        this.session = session;
    }

    /** Puts the attributes of an entity's identifier into its tree, but for the way back to what it is a part of. */
    void putInto(Map<String, @Nullable Object> tree, EntityPersister type, Object entity, @Nullable String back) {
        EntityIdentifierMapping mapping = type.getIdentifierMapping();
        if (mapping instanceof NonAggregatedIdentifierMapping several) {
            // The class of the identifier, if there is one, is seen by queries only: the entity has the attributes.
            Embeddables.forEach(several.getVirtualIdEmbeddable(), entity, (attribute, value) -> {
                if (!attribute.getAttributeName().equals(back)) {
                    tree.put(attribute.getAttributeName(), part(attribute, value));
                }
            });
        } else {
            tree.put(mapping.getAttributeName(), identifier(mapping, mapping.getIdentifier(entity)));
        }
    }

    /** The identifier of an entity of another aggregate; a proxy is not initialised. */
    @Nullable
    Object reference(EntityMappingType target, Object value) {
        return identifier(target.getIdentifierMapping(), identifierOf(target, value));
    }

    /** Kind and identifier of an entity that an attribute of no fixed type refers to. */
    Map<String, @Nullable Object> any(DiscriminatedAssociationModelPart part, Object value) {
        LazyInitializer proxy = HibernateProxy.extractLazyInitializer(value);
        EntityMappingType target = proxy == null
                ? session.getEntityPersister(null, value)
                : session.getFactory().getMappingMetamodel().getEntityDescriptor(proxy.getEntityName());
        var state = new LinkedHashMap<String, @Nullable Object>();
        state.put("type", part.resolveDiscriminatorForEntityType(target));
        state.put("id", reference(target, value));
        return state;
    }

    private Object identifierOf(EntityMappingType target, Object value) {
        LazyInitializer proxy = HibernateProxy.extractLazyInitializer(value);
        if (proxy != null) {
            return proxy.getInternalIdentifier();
        }
        // In the class of an identifier an association can be the other entity's identifier.
        return target.getMappedJavaType().isInstance(value)
                ? session.getEntityPersister(null, value).getIdentifier(value, session)
                : value;
    }

    private @Nullable Object identifier(EntityIdentifierMapping mapping, Object id) {
        return mapping instanceof CompositeIdentifierMapping composite
                ? embeddable(composite.getMappedIdEmbeddableTypeDescriptor(), id)
                : columns.of(mapping.getSingleJdbcMapping(), id);
    }

    private Map<String, @Nullable Object> embeddable(EmbeddableMappingType type, Object value) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        Embeddables.forEach(
                type, value, (attribute, each) -> tree.put(attribute.getAttributeName(), part(attribute, each)));
        return tree;
    }

    private @Nullable Object part(ModelPart part, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (part instanceof EntityValuedModelPart association) {
            return reference(association.getEntityMappingType(), value);
        }
        return part instanceof EmbeddableValuedModelPart embedded
                ? embeddable(embedded.getEmbeddableTypeDescriptor(), value)
                : columns.of(part.getSingleJdbcMapping(), value);
    }
}
