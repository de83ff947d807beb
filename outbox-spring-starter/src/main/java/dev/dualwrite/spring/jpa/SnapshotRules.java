package dev.dualwrite.spring.jpa;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hibernate.persister.entity.EntityPersister;

/**
 * Which aggregates may be written down as snapshots: those of which every change locks the one row that the snapshot is made of. Of
 * two transactions that change different rows of an aggregate, or different columns of a row that has no version, each would write
 * a state without the other's change, and the later one would win.
 */
final class SnapshotRules {

    private final Map<String, CapturedRoot> roots;
    private final Collection<List<CapturedPart>> parts;

    SnapshotRules(Map<String, CapturedRoot> roots, Collection<List<CapturedPart>> parts) {
        this.roots = roots;
        this.parts = parts;
    }

    /** Adds a mistake if an entity is captured by snapshots and must not be. */
    void check(EntityPersister entity, List<String> mistakes) {
        CapturedRoot root = roots.get(entity.getEntityName());
        if (root == null || root.kind() != EntryKind.SNAPSHOT) {
            return;
        }
        if (entity.hasWhereRestrictions()) {
            mistakes.add("entity " + entity.getEntityName() + " is captured by snapshots, but has an @SQLRestriction: a"
                    + " change that hides the row would leave nothing to take a snapshot of. Next: capture it by"
                    + " references (the default), which makes a deletion of it");
        }
        String reason = reason(entity, root);
        if (!reason.isEmpty()) {
            mistakes.add("entity " + entity.getEntityName() + " is captured by snapshots, but " + reason
                    + ": two transactions could each write a state without the other's change. Next: capture it by"
                    + " references (the default)");
        }
    }

    private String reason(EntityPersister entity, CapturedRoot root) {
        if (parts.stream().flatMap(List::stream).anyMatch(part -> part.root().equals(root))) {
            return "its aggregate has parts";
        }
        if (entity.hasOwnedCollections()) {
            return "it has collections";
        }
        if (entity.isVersioned()) {
            return "";
        }
        if (entity.isDynamicUpdate()) {
            return "it has @DynamicUpdate and no @Version";
        }
        Set<String> tables = new HashSet<>();
        entity.forEachMutableTable(table -> tables.add(table.getTableName()));
        return tables.size() > 1 ? "its row is in several tables " + tables + ", and it has no @Version" : "";
    }
}
