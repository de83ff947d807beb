package dev.dualwrite.outbox;

/**
 * Where a service writes down, inside its own transaction, what a secondary store must learn.
 *
 * <p>Thread-safe. {@link #append} buffers and returns at once: it does no I/O. The entries are serialised and written by
 * one statement at the very end of the surrounding transaction, after the persistence context was flushed, so their
 * numbers rise in commit order for transactions that conflict on a row. If the transaction rolls back, nothing of them
 * remains; if it commits, they are there. After a crash the database alone decides which of the two it was.
 */
public interface Outbox {

    /**
     * Buffers one entry until the end of the current transaction.
     *
     * @throws IllegalStateException if there is no active read-write transaction of the outbox's own transaction manager,
     *     or if the entries of that transaction have been written already
     * @throws IllegalArgumentException if the entry names no sink and none is configured for it, or names a sink that this
     *     service does not know
     */
    void append(OutboxEntry entry);
}
