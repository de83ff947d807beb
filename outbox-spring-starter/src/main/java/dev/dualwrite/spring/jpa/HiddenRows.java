package dev.dualwrite.spring.jpa;

import java.util.ArrayList;
import java.util.List;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.metamodel.mapping.EntityMappingType;

/**
 * Tells rows that are gone from rows that Hibernate does not find: it joins what an association that is EAGER and not optional
 * leads to, and looks for the discriminators that this release knows. Stateless; blocks on the database.
 *
 * <p>Idea: the identifiers alone are asked for, of the topmost entity of the hierarchy: that joins nothing, and restricts the
 * row by its own indicator of a soft deletion and its own {@code SQLRestriction} only. Both mean that it is gone.
 */
final class HiddenRows {

    private HiddenRows() {}

    /**
     * Does nothing if all rows are gone, or belong to other aggregate types by now; one query.
     *
     * @param missing identifiers of roots that were not found
     * @throws IllegalStateException if a row is there: what is not loaded would be deleted at the secondary
     */
    static void refuse(SessionImplementor session, PartWays parts, List<?> missing) {
        if (missing.isEmpty()) {
            return;
        }
        EntityMappingType top = parts.root().persister().getRootEntityDescriptor();
        var there = new ArrayList<Object>();
        for (Object[] row : session.createSelectionQuery(query(top), Object[].class)
                .setParameterList("ids", missing)
                .getResultList()) {
            if (!top.hasSubclasses() || parts.isRoot(entity(session, (Class<?>) row[1]))) {
                there.add(row[0]);
            }
        }
        if (!there.isEmpty()) {
            throw new IllegalStateException("'" + parts.root().aggregate(there.get(0)) + "'"
                    + (there.size() == 1 ? "" : " and " + (there.size() - 1) + " more")
                    + " cannot be loaded by Hibernate, but the row is there, expected its state: an association of "
                    + parts.root().entityName() + " that is EAGER and not optional may lead to a row that is missing or"
                    + " hidden. Next: make it LAZY or optional, or correct the row");
        }
    }

    // A discriminator that this release does not know makes the type an error of Hibernate's, which names it.
    private static String query(EntityMappingType top) {
        return "select id(root), " + (top.hasSubclasses() ? "type(root)" : "1") + " from " + top.getEntityName()
                + " root where id(root) in (:ids)";
    }

    private static EntityMappingType entity(SessionImplementor session, Class<?> type) {
        return session.getFactory().getMappingMetamodel().getEntityDescriptor(type);
    }
}
