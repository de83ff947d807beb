package dev.dualwrite.spring.jpa;

import dev.dualwrite.spring.jpa.JpaCapture.CapturedFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.hibernate.metamodel.MappingMetamodel;
import org.hibernate.persister.entity.EntityPersister;

/**
 * Finds entities that nobody captures, but that write a table of a captured one: their changes would be seen neither by the capture
 * nor by the search for bypasses, which takes them for Hibernate's own. No I/O.
 */
final class UncapturedWriters {

    private UncapturedWriters() {}

    /** A mistake for each entity and table, over all factories of one database. */
    static List<String> mistakes(Collection<CapturedFactory> factories) {
        Map<String, Set<String>> captured = new TreeMap<>();
        factories.forEach(each -> each.model()
                .tables()
                .forEach((table, names) -> captured.computeIfAbsent(plain(table), t -> new TreeSet<>())
                        .addAll(names)));
        var mistakes = new ArrayList<String>();
        for (CapturedFactory each : factories) {
            MappingMetamodel metamodel = each.factory().getMappingMetamodel();
            metamodel.forEachEntityDescriptor(entity -> {
                if (entity.isMutable() && !each.model().isCaptured(entity.getEntityName())) {
                    new CapturedTables(metamodel)
                            .of(List.of(entity)).keySet().stream()
                                    .filter(table -> captured.containsKey(plain(table)))
                                    .filter(table -> !isOneHierarchy(entity, each, table))
                                    .map(table -> mistake(entity, table, captured.getOrDefault(plain(table), Set.of())))
                                    .forEach(mistakes::add);
                }
            });
        }
        mistakes.sort(null);
        return mistakes;
    }

    /** Whether a captured entity on that table extends the same one: then each row is of one class, captured or not. */
    private static boolean isOneHierarchy(EntityPersister entity, CapturedFactory factory, String table) {
        MappingMetamodel metamodel = factory.factory().getMappingMetamodel();
        return factory.model().tables().getOrDefault(table, Set.of()).stream()
                .map(name -> metamodel.getEntityDescriptor(name).getRootEntityDescriptor())
                .anyMatch(root -> root == entity.getRootEntityDescriptor());
    }

    private static String mistake(EntityPersister entity, String table, Set<String> captured) {
        return "entity " + entity.getEntityName() + " writes table " + table + " of " + captured
                + ", which is captured, but is not captured itself: its changes would not be seen. Next: capture it too"
                + " (@PartOf, if it leads to the same root), or make it @Immutable";
    }

    /** Two factories may quote names differently. */
    private static String plain(String table) {
        return table.replace("\"", "").toLowerCase(Locale.ROOT);
    }
}
