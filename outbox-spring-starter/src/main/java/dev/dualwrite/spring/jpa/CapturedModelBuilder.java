package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.spring.jpa.CaptureRules.RootRule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.metamodel.mapping.EntityMappingType;
import org.hibernate.persister.entity.EntityPersister;

/** Works out what is captured, and finds every mistake in what was said about it. Confined to one thread; no I/O. */
final class CapturedModelBuilder {

    private final SessionFactoryImplementor factory;
    private final List<EntityPersister> entities;
    private final CaptureRules rules;
    private final Set<String> knownSinks;
    private final List<String> mistakes = new ArrayList<>();
    private final Map<String, CapturedRoot> rootsByType = new TreeMap<>();
    private final Map<String, CapturedRoot> rootsByEntity = new HashMap<>();
    private final Map<String, List<CapturedPart>> partsByEntity = new HashMap<>();

    CapturedModelBuilder(SessionFactoryImplementor factory, CaptureProperties properties, Set<String> knownSinks) {
        this.factory = factory;
        this.knownSinks = new TreeSet<>(knownSinks);
        // Those above come before those below, and the same order at each start.
        var found = new ArrayList<EntityPersister>();
        factory.getMappingMetamodel().forEachEntityDescriptor(found::add);
        found.sort(Comparator.comparing(CapturedModelBuilder::depth).thenComparing(EntityPersister::getEntityName));
        this.entities = List.copyOf(found);
        this.rules = new CaptureRules(properties.entities(), entities);
    }

    /** The model; only what is no mistake is in it. */
    CapturedModel build() {
        entities.forEach(entity -> rules.root(entity).ifPresent(rule -> addRoot(entity, rule)));
        var paths = new PartPaths(rootsByEntity);
        for (EntityPersister entity : entities) {
            for (String path : rules.paths(entity)) {
                paths.find(entity, path, mistakes)
                        .ifPresent(part -> partsByEntity
                                .computeIfAbsent(entity.getEntityName(), name -> new ArrayList<>())
                                .add(part));
            }
        }
        partsByEntity
                .values()
                .forEach(parts -> parts.forEach(part -> PartPaths.checkWay(part, partsByEntity, mistakes)));
        var snapshots = new SnapshotRules(rootsByEntity, partsByEntity.values());
        entities.forEach(entity -> snapshots.check(entity, mistakes));
        return new CapturedModel(
                rootsByType,
                rootsByEntity,
                partsByEntity,
                new CapturedTables(factory.getMappingMetamodel())
                        .of(entities.stream()
                                .filter(e -> rootsByEntity.containsKey(e.getEntityName())
                                        || partsByEntity.containsKey(e.getEntityName()))
                                .toList()));
    }

    /** What a person must change, after the model was built; empty if nothing. */
    List<String> mistakes() {
        return List.copyOf(mistakes);
    }

    /** Every class of this factory: of its entities, and those that they extend. */
    Set<String> classes() {
        var classes = new TreeSet<String>();
        for (EntityPersister entity : entities) {
            for (Class<?> c = entity.getMappedClass(); c != null; c = c.getSuperclass()) {
                classes.add(c.getName());
            }
        }
        return classes;
    }

    /** Names in the properties that belong to no entity here; another session factory may know them. */
    Set<String> unknownNames() {
        return rules.unknown();
    }

    private void addRoot(EntityPersister entity, RootRule rule) {
        checkNames(entity, rule);
        CapturedRoot known = rootsByType.get(rule.aggregateType());
        if (known == null) {
            root(entity, rule).ifPresent(root -> {
                rootsByType.put(rule.aggregateType(), root);
                rootsByEntity.put(entity.getEntityName(), root);
            });
        } else if (!isBelow(entity, known.persister())) {
            mistakes.add("entities " + known.entityName() + " and " + entity.getEntityName()
                    + " are both captured as aggregate"
                    + " type '" + rule.aggregateType()
                    + "', expected one entity (and those that extend it) for each type."
                    + " Next: give one of them another aggregate, or capture the entity that both extend");
        } else if (!known.sinks().equals(rule.sinks())
                || known.kind() != rule.kind()
                || known.version() != rule.version()) {
            mistakes.add("entity " + entity.getEntityName() + " is captured as aggregate type '" + rule.aggregateType()
                    + "' with sinks " + rule.sinks() + ", " + rule.kind() + " and version " + rule.version() + ", but "
                    + known.entityName() + ", which it extends, with sinks " + known.sinks() + ", " + known.kind()
                    + " and version " + known.version()
                    + ". Next: say the same of both, or give one another aggregate");
        } else {
            rootsByEntity.put(entity.getEntityName(), known);
        }
    }

    private Optional<CapturedRoot> root(EntityPersister entity, RootRule rule) {
        try {
            return Optional.of(new CapturedRoot(
                    entity, rule.aggregateType(), rule.sinks(), rule.kind(), rule.version(), EntityIds.of(entity)));
        } catch (IllegalArgumentException e) {
            mistakes.add("entity " + entity.getEntityName() + " cannot be captured: " + e.getMessage());
            return Optional.empty();
        }
    }

    private void checkNames(EntityPersister entity, RootRule rule) {
        try {
            new Aggregate(rule.aggregateType(), "1");
        } catch (IllegalArgumentException e) {
            mistakes.add("entity " + entity.getEntityName() + " is captured as '" + rule.aggregateType() + "': "
                    + e.getMessage() + ". Next: correct the aggregate of its @Captured, or of"
                    + " dualwrite.capture.entities");
        }
        if (rule.version() < 1 || rule.version() > Short.MAX_VALUE) {
            mistakes.add("entity " + entity.getEntityName() + " is captured with version " + rule.version()
                    + ", expected 1 to " + Short.MAX_VALUE + ". Next: correct the version of its @Captured, or of"
                    + " dualwrite.capture.entities");
        }
        for (String sink : rule.sinks()) {
            if (!knownSinks.contains(sink)) {
                mistakes.add("entity " + entity.getEntityName() + " is captured for sink '" + sink + "', known are "
                        + knownSinks + ". Next: correct the name, or configure that sink");
            }
        }
    }

    private static boolean isBelow(EntityPersister entity, EntityPersister top) {
        return top.isSubclassEntityName(entity.getEntityName());
    }

    private static int depth(EntityPersister entity) {
        int depth = 0;
        for (EntityMappingType above = entity.getSuperMappingType();
                above != null;
                above = above.getSuperMappingType()) {
            depth++;
        }
        return depth;
    }
}
