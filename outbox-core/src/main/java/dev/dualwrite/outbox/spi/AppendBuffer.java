package dev.dualwrite.outbox.spi;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The entries of one physical transaction, until they are written. Confined to the transaction's thread; no I/O. */
public final class AppendBuffer {

    private final List<OutboxEntry> entries = new ArrayList<>();
    private final IdentityHashMap<Object, Integer> savepoints = new IdentityHashMap<>();
    private final Map<Captured, Integer> captured = new HashMap<>();
    private int appended;
    private final UnaryOperator<OutboxEntry> context;
    private boolean sealed;

    private record Captured(Aggregate aggregate, Set<String> sinks) {}

    /** A buffer whose entries stay as they are. */
    public AppendBuffer() {
        this(UnaryOperator.identity());
    }

    /**
     * A buffer that every entry comes into through a function, whether it is appended or captured.
     *
     * @param context adds what is known of the caller's surroundings; called on its thread, see {@link EntryContext}
     */
    public AppendBuffer(UnaryOperator<OutboxEntry> context) {
        this.context = context;
    }

    /**
     * Takes one entry.
     *
     * @throws IllegalStateException if the buffer is sealed
     */
    public void add(OutboxEntry entry) {
        if (sealed) {
            throw new IllegalStateException("append of '" + entry
                    + "' comes too late: the entries of this transaction are written; append before its commit begins");
        }
        entries.add(context.apply(entry));
        appended++;
    }

    /**
     * Takes an entry that stands for the aggregate's state at the end of the transaction: it replaces the one that was captured for the
     * same aggregate and sinks before, so that each is written once a transaction however often it changes.
     *
     * @throws IllegalStateException if the buffer is sealed
     */
    public void capture(OutboxEntry entry) {
        var key = new Captured(entry.aggregate(), entry.sinks());
        Integer known = sealed ? null : captured.get(key);
        if (known == null) {
            captured.put(key, entries.size());
            add(entry);
        } else {
            entries.set(known, context.apply(entry));
        }
    }

    /** How many entries were ever added and not rolled back, written or not. */
    public int appended() {
        return appended;
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Takes the entries out, in the order of their append. */
    public List<OutboxEntry> drain() {
        List<OutboxEntry> drained = List.copyOf(entries);
        entries.clear();
        savepoints.clear();
        captured.clear();
        return drained;
    }

    /** From now on every append throws. */
    public void seal() {
        sealed = true;
    }

    /** Remembers what is buffered at a savepoint. */
    public void savepoint(Object savepoint) {
        savepoints.put(savepoint, entries.size());
        // What is replaced from here on could not be brought back.
        captured.clear();
    }

    /**
     * Forgets what was appended after a savepoint. One that was never seen is older than this buffer, so all of it goes.
     */
    public void rollbackTo(Object savepoint) {
        int keep = savepoints.getOrDefault(savepoint, 0);
        appended -= entries.size() - keep;
        entries.subList(keep, entries.size()).clear();
        savepoints.values().removeIf(size -> size > keep);
        captured.clear();
    }
}
