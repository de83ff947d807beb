package dev.dualwrite.spring.jpa;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.hibernate.StatelessSession;
import org.hibernate.engine.spi.SharedSessionContractImplementor;

/** Asks the database for the roots of parts, on the transaction's own connection. Blocks on the database. */
final class RootQuery {

    // PostgreSQL takes 65,535 parameters; a composite id has several.
    private static final int IDS_PER_QUERY = 5_000;

    private RootQuery() {}

    /** Gives the identifier of each root once for each query, that is for each 5,000 ids. */
    static void answer(
            SharedSessionContractImplementor session,
            RootQuestion question,
            Collection<Object> ids,
            Consumer<Object> roots) {
        // What still waits in a batch need not be seen: every entity on a way is a part, so its own change has captured
        // both roots.
        List<Object> all = new ArrayList<>(ids);
        // One of its own: the service's session may have filters enabled, would flush before the query, and may be in a
        // flush.
        try (StatelessSession own = session.getFactory()
                .withStatelessOptions()
                .connection(PhysicalConnection.of(session))
                .tenantIdentifier(session.getTenantIdentifierValue())
                .openStatelessSession()) {
            for (int from = 0; from < all.size(); from += IDS_PER_QUERY) {
                own.createSelectionQuery(question.query(), Object.class)
                        .setParameterList("ids", all.subList(from, Math.min(from + IDS_PER_QUERY, all.size())))
                        .getResultList()
                        .forEach(roots);
            }
        }
    }
}
