package dev.dualwrite.outbox.spi;

/**
 * The port to the transactions of the surrounding framework: finds the buffer of the current transaction, and takes care
 * that what is in it gets written before that transaction commits, and dropped if it does not.
 */
@FunctionalInterface
public interface TransactionBinding {

    /**
     * The buffer of the current physical transaction. Does no I/O.
     *
     * @throws IllegalStateException if there is no active read-write transaction of the outbox's own transaction manager;
     *     the message says which it is and what to do
     */
    AppendBuffer current();
}
