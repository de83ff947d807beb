package dev.dualwrite.spring.jpa;

/** What a captured change is written down as. */
public enum EntryKind {
    /** The aggregate only; the relay loads its state after the commit. Right for every shape of aggregate. */
    REFERENCE,
    /**
     * The whole state of the aggregate, made at the end of the transaction; a deletion without one. Only for an aggregate of one row
     * that every change locks.
     */
    SNAPSHOT
}
