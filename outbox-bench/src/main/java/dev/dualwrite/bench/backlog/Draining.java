package dev.dualwrite.bench.backlog;

/** A relay that drains, in this process or in another one, and measures itself. One thread at a time. */
interface Draining {

    /** Counts from zero on; nothing may be under way. */
    void arm(long entries) throws Exception;

    /** Says that there may be something to claim or to notice, as the listener of a pod does. */
    void wake() throws Exception;

    /** Waits until as many entries are applied as {@link #arm} says. */
    Drained drained() throws Exception;

    /**
     * Waits until the sink is not called any more, after a pause.
     *
     * @return the entries of all time
     */
    long rest() throws Exception;

    /**
     * How a number of entries was drained. Immutable.
     *
     * @param entries applied when there were as many as was waited for
     * @param nanos from the begin of the first call of the sink to the end of the last one
     * @param longestPauseNanos between the ends of two calls: a slow claim shows here
     */
    record Drained(long entries, long nanos, long longestPauseNanos) {}
}
