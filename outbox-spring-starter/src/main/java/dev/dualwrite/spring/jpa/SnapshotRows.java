package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.Aggregate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.hibernate.BatchSize;
import org.hibernate.engine.spi.SessionImplementor;

/**
 * The rows of one root that one transaction takes snapshots of. Confined to the transaction's thread; blocks on the database.
 *
 * <p>Idea: a session's object is not its row: attributes that are not updatable, defaults, triggers and the scale of a column make
 * another of it. So rows are read back by a session of its own, and together: whoever is asked for first is read with those that
 * will be asked for next. Cost: one query for each slice, and no more states in memory than a slice has.
 */
final class SnapshotRows {

    static final int SLICE = JpaStateLoader.SLICE;

    private final PartWays parts;
    private final Supplier<SessionImplementor> sessions;
    private final Map<Aggregate, Object> waiting = new LinkedHashMap<>();
    private final Map<Aggregate, Object> read = new HashMap<>();

    /** With what opens a session on the transaction's connection. */
    SnapshotRows(PartWays parts, Supplier<SessionImplementor> sessions) {
        this.parts = parts;
        this.sessions = sessions;
    }

    /** The state of a row that has changed just now; asked for after the flush. */
    Supplier<Object> later(Object id) {
        Aggregate aggregate = parts.root().aggregate(id);
        waiting.put(aggregate, id);
        read.remove(aggregate);
        return () -> state(aggregate, id);
    }

    private Object state(Aggregate aggregate, Object id) {
        if (!read.containsKey(aggregate)) {
            readWithOthers(aggregate, id);
        }
        Object state = read.remove(aggregate);
        if (state == null) {
            throw new IllegalStateException(
                    "'" + aggregate + "' has changed, but Hibernate does not find its row at the"
                            + " end of the transaction, expected it for the snapshot. Next: delete it through Hibernate, or capture "
                            + parts.root().entityName() + " by references");
        }
        return state;
    }

    private void readWithOthers(Aggregate first, Object id) {
        var slice = new LinkedHashMap<Aggregate, Object>();
        slice.put(first, id);
        waiting.remove(first);
        Iterator<Map.Entry<Aggregate, Object>> others = waiting.entrySet().iterator();
        while (slice.size() < SLICE && others.hasNext()) {
            Map.Entry<Aggregate, Object> other = others.next();
            slice.put(other.getKey(), other.getValue());
            others.remove();
        }
        try (SessionImplementor session = sessions.get()) {
            read(session, slice);
        }
    }

    // One that is not there was inserted and deleted, or belongs to what a savepoint took back: nobody asks for it.
    private void read(SessionImplementor session, Map<Aggregate, Object> slice) {
        List<?> entities = session.findMultiple(
                parts.root().persister().getMappedClass(), List.copyOf(slice.values()), new BatchSize(SLICE));
        var found = new ArrayList<Aggregate>();
        var rows = new ArrayList<Object>();
        Iterator<?> each = entities.iterator();
        for (Aggregate aggregate : slice.keySet()) {
            Object entity = each.next();
            if (entity != null) {
                found.add(aggregate);
                rows.add(entity);
            }
        }
        var trees = new EntityState(session, parts).of(rows);
        for (int i = 0; i < found.size(); i++) {
            read.put(found.get(i), trees.get(i));
        }
    }
}
