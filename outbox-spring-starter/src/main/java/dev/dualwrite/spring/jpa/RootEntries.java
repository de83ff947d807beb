package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import java.util.function.Supplier;
import org.hibernate.engine.spi.SharedSessionContractImplementor;

/** Writes entries for roots into the buffer of their transaction. Thread-safe; no I/O. */
final class RootEntries {

    private final CaptureTarget target;
    private final RowSnapshots snapshots;

    RootEntries(CaptureTarget target, RowSnapshots snapshots) {
        this.target = target;
        this.snapshots = snapshots;
    }

    /** Throws if the session is in no transaction that takes entries. */
    void require(SharedSessionContractImplementor session) {
        var unused = target.of(session);
    }

    /** The root, or something that belongs to it, has changed. */
    void changed(SharedSessionContractImplementor session, CapturedRoot root, Object id) {
        if (root.kind() == EntryKind.REFERENCE) {
            capture(session, root, OutboxEntry.reference(root.aggregate(id)));
        } else {
            Supplier<Object> state = snapshots.later(target.of(session), session, root, id);
            capture(session, root, OutboxEntry.upsert(root.aggregate(id), state));
        }
    }

    /** The root is gone. */
    void deleted(SharedSessionContractImplementor session, CapturedRoot root, Object id) {
        Aggregate aggregate = root.aggregate(id);
        boolean isReference = root.kind() == EntryKind.REFERENCE;
        capture(session, root, isReference ? OutboxEntry.reference(aggregate) : OutboxEntry.delete(aggregate));
    }

    private void capture(SharedSessionContractImplementor session, CapturedRoot root, OutboxEntry entry) {
        OutboxEntry versioned = entry.payloadType(root.aggregateType(), root.version());
        target.of(session)
                .capture(
                        root.sinks().isEmpty()
                                ? versioned
                                : versioned.to(root.sinks().toArray(String[]::new)));
    }
}
