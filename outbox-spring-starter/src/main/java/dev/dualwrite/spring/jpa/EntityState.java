package dev.dualwrite.spring.jpa;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.hibernate.Hibernate;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.metamodel.mapping.AttributeMapping;
import org.hibernate.metamodel.mapping.BasicValuedModelPart;
import org.hibernate.metamodel.mapping.DiscriminatedAssociationModelPart;
import org.hibernate.metamodel.mapping.EmbeddableMappingType;
import org.hibernate.metamodel.mapping.EmbeddableValuedModelPart;
import org.hibernate.metamodel.mapping.EntityMappingType;
import org.hibernate.metamodel.mapping.EntityValuedModelPart;
import org.hibernate.metamodel.mapping.ForeignKeyDescriptor;
import org.hibernate.metamodel.mapping.ModelPart;
import org.hibernate.metamodel.mapping.PluralAttributeMapping;
import org.hibernate.metamodel.mapping.VirtualModelPart;
import org.hibernate.metamodel.mapping.internal.ToOneAttributeMapping;
import org.hibernate.persister.collection.CollectionPersister;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.property.access.internal.PropertyAccessStrategyBackRefImpl;
import org.hibernate.property.access.internal.PropertyAccessStrategyIndexBackRefImpl;
import org.hibernate.property.access.spi.PropertyAccessStrategy;
import org.jspecify.annotations.Nullable;

/**
 * The state of a managed entity as a tree of maps, lists, texts, numbers and booleans: its attributes by name, values as columns
 * hold them. Confined to the session's thread; lazy attributes and collections are loaded.
 *
 * <p>Idea: a state holds what is stored in the rows of its own aggregate, and so what a capture of it notices. Its parts are in it
 * with their own trees, without the way back; other aggregates are in it as ids, if its own rows have them. What only another
 * aggregate's rows tell (an association that is mapped by the other side) and what the database computes by a formula is left out: it
 * changes without a change of this aggregate.
 */
final class EntityState {

    private final SharedSessionContractImplementor session;
    private final PartWays parts;
    private final ColumnValue columns;
    private final IdState ids;
    private final TypeName names;

    /**
     * Collections of other aggregates are read after all others: with these entities in the session, each query for a collection
     * of this aggregate would load theirs, too.
     */
    private final List<Runnable> references = new ArrayList<>();

    EntityState(SharedSessionContractImplementor session, PartWays parts) {
        this.session = session;
        this.parts = parts;
        this.columns = new ColumnValue(session);
        this.ids = new IdState(columns, session);
        this.names = new TypeName(session.getFactory());
    }

    /** The trees of roots of one aggregate type, each in the place of its root. */
    List<Map<String, @Nullable Object>> of(List<?> roots) {
        var trees = new ArrayList<Map<String, @Nullable Object>>();
        roots.forEach(root -> trees.add(entity(root, null)));
        references.forEach(Runnable::run);
        references.clear();
        return trees;
    }

    private Map<String, @Nullable Object> entity(Object reference, @Nullable String back) {
        Object entity = Hibernate.unproxy(reference);
        EntityPersister type = session.getEntityPersister(null, entity);
        LazyAttributes.load(type, entity);
        var tree = new LinkedHashMap<String, @Nullable Object>();
        ids.putInto(tree, type, entity, back);
        names.putInto(tree, type);
        type.getAttributeMappings().forEach(attribute -> {
            if (!attribute.getAttributeName().equals(back) && !isHibernatesOwn(attribute)) {
                put(tree, attribute, attribute.getValue(entity), type);
            }
        });
        return tree;
    }

    /** What Hibernate adds for itself: an identifier's second appearance, a child's knowledge of a collection that it is in. */
    private static boolean isHibernatesOwn(AttributeMapping attribute) {
        PropertyAccessStrategy access = attribute.getPropertyAccess().getPropertyAccessStrategy();
        return attribute instanceof VirtualModelPart
                || access instanceof PropertyAccessStrategyBackRefImpl
                || access instanceof PropertyAccessStrategyIndexBackRefImpl;
    }

    private void put(
            Map<String, @Nullable Object> tree,
            AttributeMapping attribute,
            @Nullable Object value,
            EntityMappingType owner) {
        String name = attribute.getAttributeName();
        if (attribute instanceof PluralAttributeMapping plural) {
            putCollection(tree, plural, value, owner);
        } else if (attribute instanceof ToOneAttributeMapping toOne
                && toOne.getSideNature() == ForeignKeyDescriptor.Nature.TARGET) {
            parts.back(toOne.getAssociatedEntityMappingType(), owner, null)
                    .ifPresent(back -> tree.put(name, value == null ? null : entity(value, back)));
        } else if (!isComputed(attribute)) {
            tree.put(name, value(attribute, value, owner));
        }
    }

    private void putCollection(
            Map<String, @Nullable Object> tree,
            PluralAttributeMapping attribute,
            @Nullable Object value,
            EntityMappingType owner) {
        String name = attribute.getAttributeName();
        UnaryOperator<@Nullable Object> key = each -> value(attribute.getIndexDescriptor(), each, owner);
        if (!(attribute.getElementDescriptor() instanceof EntityValuedModelPart others)) {
            UnaryOperator<@Nullable Object> element = each -> value(attribute.getElementDescriptor(), each, owner);
            tree.put(name, new CollectionState(attribute, element, key).of(value));
            return;
        }
        CollectionPersister stored = attribute.getCollectionDescriptor();
        Optional<String> back = parts.back(others.getEntityMappingType(), owner, stored.getMappedByProperty());
        if (back.isPresent()) {
            UnaryOperator<@Nullable Object> element = each -> each == null ? null : entity(each, back.get());
            tree.put(name, new CollectionState(attribute, element, key).of(value));
        } else if (!stored.isInverse()) {
            tree.put(name, null);
            var state = new CollectionState(attribute, each -> value(others, each, owner), key);
            references.add(() -> tree.put(name, state.of(value)));
        }
    }

    private static boolean isComputed(AttributeMapping attribute) {
        return attribute instanceof BasicValuedModelPart basic && basic.isFormula();
    }

    private @Nullable Object value(ModelPart part, @Nullable Object value, EntityMappingType owner) {
        if (value == null) {
            return null;
        }
        if (part instanceof EntityValuedModelPart association) {
            return ids.reference(association.getEntityMappingType(), value);
        }
        if (part instanceof DiscriminatedAssociationModelPart any) {
            return ids.any(any, value);
        }
        if (part instanceof EmbeddableValuedModelPart embedded) {
            return embeddable(embedded.getEmbeddableTypeDescriptor(), value, owner);
        }
        return columns.of(part.getSingleJdbcMapping(), value);
    }

    private Map<String, @Nullable Object> embeddable(
            EmbeddableMappingType type, Object value, EntityMappingType owner) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        Embeddables.forEach(type, value, (attribute, each) -> put(tree, attribute, each, owner));
        return tree;
    }
}
