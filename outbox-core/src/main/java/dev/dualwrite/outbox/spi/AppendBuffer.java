package dev.dualwrite.outbox.spi;

import dev.dualwrite.outbox.OutboxEntry;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** The entries of one physical transaction, until they are written. Confined to the transaction's thread; no I/O. */
public final class AppendBuffer {

    private final List<OutboxEntry> entries = new ArrayList<>();
    private final IdentityHashMap<Object, Integer> savepoints = new IdentityHashMap<>();
    private int appended;
    private boolean sealed;

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
        entries.add(entry);
        appended++;
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
        return drained;
    }

    /** From now on every append throws. */
    public void seal() {
        sealed = true;
    }

    /** Remembers what is buffered at a savepoint. */
    public void savepoint(Object savepoint) {
        savepoints.put(savepoint, entries.size());
    }

    /**
     * Forgets what was appended after a savepoint. One that was never seen is older than this buffer, so all of it goes.
     */
    public void rollbackTo(Object savepoint) {
        int keep = savepoints.getOrDefault(savepoint, 0);
        appended -= entries.size() - keep;
        entries.subList(keep, entries.size()).clear();
        savepoints.values().removeIf(size -> size > keep);
    }
}
