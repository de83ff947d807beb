package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.spi.AppendBuffer;
import java.sql.Connection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.jspecify.annotations.Nullable;

/** Makes the payloads of snapshots: the whole row of a root, as it will be committed. Thread-safe. */
final class RowSnapshots {

    private final CapturedModel model;

    // Weak: nobody tells when a transaction's buffer is no longer needed.
    private final Map<AppendBuffer, Map<Rows, SnapshotRows>> transactions =
            Collections.synchronizedMap(new WeakHashMap<>());

    private record Rows(CapturedRoot root, @Nullable Object tenant) {}

    RowSnapshots(CapturedModel model) {
        this.model = model;
    }

    /**
     * The state of a row, to be asked for at the end of its transaction, after the flush.
     *
     * @param buffer of the transaction
     * @param session that has changed the row; it may be closed before the end
     */
    Supplier<Object> later(
            AppendBuffer buffer, SharedSessionContractImplementor session, CapturedRoot root, Object id) {
        var rows = new Rows(root, session.getTenantIdentifierValue());
        return transactions
                .computeIfAbsent(buffer, b -> new HashMap<>())
                .computeIfAbsent(rows, r -> new SnapshotRows(new PartWays(model, root), reader(session)))
                .later(id);
    }

    private static Supplier<SessionImplementor> reader(SharedSessionContractImplementor session) {
        SessionFactoryImplementor factory = session.getFactory();
        Connection connection = PhysicalConnection.of(session);
        Object tenant = session.getTenantIdentifierValue();
        return () -> ReadSession.open(
                factory, factory.withOptions().connection(connection).tenantIdentifier(tenant), SnapshotRows.SLICE);
    }
}
