package dev.dualwrite.spring.jpa;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is captured of one session factory, worked out once at startup from its metamodel, the annotations and the properties.
 * Immutable.
 */
public final class CapturedModel {

    private final Map<String, CapturedRoot> rootsByType;
    private final Map<String, CapturedRoot> rootsByEntity;
    private final Map<String, List<CapturedPart>> partsByEntity;
    private final Map<String, Set<String>> tables;

    /**
     * The parts of a model.
     *
     * @param rootsByType by aggregate type
     * @param rootsByEntity by name of each entity that is a root, also those below the topmost one
     * @param partsByEntity by name of each entity that is a part
     * @param tables entities by table
     */
    CapturedModel(
            Map<String, CapturedRoot> rootsByType,
            Map<String, CapturedRoot> rootsByEntity,
            Map<String, List<CapturedPart>> partsByEntity,
            Map<String, Set<String>> tables) {
        this.rootsByType = Map.copyOf(rootsByType);
        this.rootsByEntity = Map.copyOf(rootsByEntity);
        this.partsByEntity = Map.copyOf(partsByEntity);
        this.tables = Map.copyOf(tables);
    }

    /** Whether nothing is captured. */
    public boolean isEmpty() {
        return rootsByEntity.isEmpty();
    }

    /** The roots, one for each aggregate type. */
    public Collection<CapturedRoot> roots() {
        return rootsByType.values();
    }

    /** The root of an aggregate type, if it has one here. */
    public @Nullable CapturedRoot ofType(String aggregateType) {
        return rootsByType.get(aggregateType);
    }

    /** The root that an entity is, by Hibernate's name of it, if it is one. */
    public @Nullable CapturedRoot rootOf(String entityName) {
        return rootsByEntity.get(entityName);
    }

    /** What an entity is a part of, by Hibernate's name of it; empty if it is none. */
    public List<CapturedPart> partsOf(String entityName) {
        return partsByEntity.getOrDefault(entityName, List.of());
    }

    /** The parts of one aggregate type. */
    Stream<CapturedPart> partsOfType(String aggregateType) {
        return partsByEntity.values().stream()
                .flatMap(List::stream)
                .filter(part -> part.root().aggregateType().equals(aggregateType));
    }

    /** Whether changes of an entity capture anything. */
    public boolean isCaptured(String entityName) {
        return rootsByEntity.containsKey(entityName) || partsByEntity.containsKey(entityName);
    }

    /**
     * The tables of everything that is captured, as Hibernate writes them in SQL (with schema and quotes where there are any), each
     * with the names of the entities that it belongs to: their own, secondary and joined ones, those of element collections and
     * join tables.
     */
    public Map<String, Set<String>> tables() {
        return tables;
    }
}
