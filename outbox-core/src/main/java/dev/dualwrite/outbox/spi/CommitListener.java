package dev.dualwrite.outbox.spi;

/**
 * Learns that a transaction of this JVM committed with entries: the relay's wake-up. Called on the committing thread, so it
 * must return at once; it is only a hint, a missed call costs at most one poll interval.
 */
@FunctionalInterface
public interface CommitListener {

    /**
     * Entries were committed.
     *
     * @param entries how many appends, at least 1
     */
    void committed(int entries);

    /** The same, for who wants to know what they were; this one is called. */
    default void committed(Committed what) {
        committed(what.appends());
    }
}
