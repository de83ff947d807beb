package dev.dualwrite.spring.jpa;

import java.sql.Connection;
import java.util.List;
import org.hibernate.FlushMode;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;

/**
 * Makes the payloads of snapshots: the whole row of a root, as it will be committed. Thread-safe.
 *
 * <p>The session has the object most often; where it was cleared, detached or stateless, the row is read again, by a query.
 */
final class RowSnapshots {

    private final CapturedModel model;

    RowSnapshots(CapturedModel model) {
        this.model = model;
    }

    /** The state of a row; called at the end of its transaction, after the flush. */
    Object of(SharedSessionContractImplementor session, Connection connection, CapturedRoot root, Object id) {
        if (session instanceof SessionImplementor stateful && stateful.isOpen()) {
            return state(stateful, root, id);
        }
        try (SessionImplementor own = session.getFactory()
                .withOptions()
                .connection(connection)
                .flushMode(FlushMode.MANUAL)
                .openSession()) {
            return state(own, root, id);
        }
    }

    private Object state(SessionImplementor session, CapturedRoot root, Object id) {
        Object entity = session.find(root.persister().getMappedClass(), id);
        if (entity == null) {
            throw new IllegalStateException(
                    "'" + root.aggregate(id) + "' has changed, but its row is gone at the end of the"
                            + " transaction, expected it for the snapshot. Next: delete it through Hibernate, or capture "
                            + root.entityName() + " by references");
        }
        return new EntityState(session, new PartWays(model, root))
                .of(List.of(entity))
                .get(0);
    }
}
