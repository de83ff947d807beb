package dev.dualwrite.outbox.spi;

/**
 * Every gap between two side effects in which a process can die. Each has a {@code CRASH:} comment at its place, saying why
 * dying there is harmless, and a test of the same name that dies there.
 */
public enum CrashWindow {
    /** The entries are inserted, their transaction is not committed. */
    ENTRIES_WRITTEN_NOT_COMMITTED,
    /** The transaction is committed, the relay was not woken. */
    COMMITTED_NOT_WOKEN,
    /** The lane's lock is taken, its fencing token is not raised. */
    LEASED_NOT_FENCED,
    /** Entries are claimed, the sink was not called. */
    CLAIMED_NOT_APPLIED,
    /** The sink's writes are made, its transaction is not committed. */
    WRITTEN_AT_SINK_NOT_COMMITTED,
    /** The sink has committed, the entries are not settled. */
    APPLIED_NOT_SETTLED,
    /** An attempt of a suspect entry is written down, it was not made. */
    ATTEMPT_BEGUN_NOT_ENDED,
    /** A held entry was tried again, the result is not recorded. */
    RETRIED_NOT_SETTLED,
    /** The batch is settled, the lane's floor is not stored. */
    SETTLED_FLOOR_NOT_STORED,
    /** The lane's floor is stored at a shutdown, its lock is not given back. */
    FLOOR_STORED_NOT_UNLOCKED
}
