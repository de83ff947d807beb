package dev.dualwrite.spring.jpa;

import dev.dualwrite.spring.jpa.CaptureProperties.Entity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;

/**
 * What annotations and properties say about entities. The nearest class that says anything decides, from the entity upwards; on
 * one class each attribute of the properties wins. Confined to one thread.
 */
final class CaptureRules {

    private final Map<String, Entity> properties;
    private final Map<Class<?>, String> entityNames = new HashMap<>();
    private final Set<String> used = new HashSet<>();

    /** How an entity is captured as a root. */
    record RootRule(String aggregateType, Set<String> sinks, EntryKind kind, int version) {}

    CaptureRules(Map<String, Entity> properties, List<EntityPersister> entities) {
        this.properties = properties;
        entities.forEach(entity -> entityNames.put(entity.getMappedClass(), entity.getJpaEntityName()));
    }

    /** Names of the properties that no entity and no superclass of one answers to, after all entities were asked for. */
    Set<String> unknown() {
        var unknown = new TreeSet<>(properties.keySet());
        unknown.removeAll(used);
        return unknown;
    }

    /** How an entity is a root, if it is one. */
    Optional<RootRule> root(EntityPersister entity) {
        String name = Objects.requireNonNullElse(entity.getJpaEntityName(), entity.getEntityName());
        for (Class<?> c = entity.getMappedClass(); c != null; c = c.getSuperclass()) {
            name = entityNames.getOrDefault(c, name);
            Entity said = property(c);
            Captured annotation = c.getDeclaredAnnotation(Captured.class);
            if ((said != null && said.isRoot()) || annotation != null) {
                return Optional.of(rule(name, said, c.getAnnotation(Captured.class)));
            }
        }
        return Optional.empty();
    }

    /** The ways from an entity to the roots that it is a part of. */
    List<String> paths(EntityPersister entity) {
        for (Class<?> c = entity.getMappedClass(); c != null; c = c.getSuperclass()) {
            Entity said = property(c);
            if (said != null && !said.partOf().isEmpty()) {
                return said.partOf();
            }
            PartOf annotation = c.getDeclaredAnnotation(PartOf.class);
            if (annotation != null) {
                return List.of(annotation.value());
            }
        }
        return List.of();
    }

    private @Nullable Entity property(Class<?> type) {
        Entity found = null;
        for (String name : names(type)) {
            Entity said = properties.get(name);
            if (said != null) {
                used.add(name);
                found = found == null ? said : found;
            }
        }
        return found;
    }

    private List<String> names(Class<?> type) {
        var names = new ArrayList<String>();
        names.add(type.getName());
        String entityName = entityNames.get(type);
        if (entityName != null) {
            names.add(entityName);
        }
        return names;
    }

    private static RootRule rule(String name, @Nullable Entity said, @Nullable Captured annotation) {
        String type = said == null ? null : said.aggregate();
        if (type == null && annotation != null && !annotation.aggregate().isEmpty()) {
            type = annotation.aggregate();
        }
        Set<String> sinks = said == null ? Set.of() : Set.copyOf(said.sinks());
        if (sinks.isEmpty() && annotation != null) {
            sinks = Set.of(annotation.sinks());
        }
        EntryKind kind = said == null ? null : said.entry();
        if (kind == null) {
            kind = annotation == null ? EntryKind.REFERENCE : annotation.entry();
        }
        Integer version = said == null ? null : said.version();
        if (version == null) {
            version = annotation == null ? 1 : annotation.version();
        }
        return new RootRule(type == null ? hyphenated(name) : type, sinks, kind, version);
    }

    private static String hyphenated(String name) {
        // The name of a nested class has its outer one in it, unless @Entity says another.
        return name.substring(name.lastIndexOf('$') + 1)
                .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                .replaceAll("([A-Z])([A-Z][a-z])", "$1-$2")
                .toLowerCase(Locale.ROOT);
    }
}
