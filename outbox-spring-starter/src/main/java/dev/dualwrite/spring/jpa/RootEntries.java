package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import java.util.function.Function;
import org.hibernate.engine.spi.SharedSessionContractImplementor;

/** Writes entries for roots into the buffer of their transaction. Thread-safe; no I/O. */
final class RootEntries {

    private final CaptureTarget target;
    private final Snapshots snapshots;

    RootEntries(CaptureTarget target, Snapshots snapshots) {
        this.target = target;
        this.snapshots = snapshots;
    }

    /** Throws if the session is in no transaction that takes entries. */
    void require(SharedSessionContractImplementor session) {
        var unused = target.of(session);
    }

    /** The root, or something that belongs to it, has changed. */
    void changed(SharedSessionContractImplementor session, CapturedRoot root, Object id) {
        capture(
                session,
                root,
                id,
                aggregate -> root.kind() == EntryKind.REFERENCE
                        ? OutboxEntry.reference(aggregate)
                        : OutboxEntry.upsert(aggregate, () -> snapshots.of(session, root, id)));
    }

    /** The root is gone. */
    void deleted(SharedSessionContractImplementor session, CapturedRoot root, Object id) {
        capture(
                session,
                root,
                id,
                aggregate -> root.kind() == EntryKind.REFERENCE
                        ? OutboxEntry.reference(aggregate)
                        : OutboxEntry.delete(aggregate));
    }

    private void capture(
            SharedSessionContractImplementor session,
            CapturedRoot root,
            Object id,
            Function<Aggregate, OutboxEntry> kind) {
        OutboxEntry entry = kind.apply(root.aggregate(id));
        target.of(session)
                .capture(root.sinks().isEmpty() ? entry : entry.to(root.sinks().toArray(String[]::new)));
    }
}
