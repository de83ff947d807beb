package dev.dualwrite.relay.sink.jdbc;

/**
 * A column as the secondary's catalog shows it.
 *
 * @param castType what a text is cast to: the type with its schema and without its length, since an explicit cast to {@code
 *     varchar(10)} cuts the text off silently, where the assignment to the column refuses it
 * @param shownType the type as people write it
 * @param generated the database computes it, or is the only one to number it: nothing can be written there
 * @param defaulted it gets a value when none is given
 * @param privileges which of SELECT, INSERT, UPDATE the connection's user has on it
 */
record LiveColumn(
        String name,
        String castType,
        String shownType,
        ColumnKind kind,
        boolean notNull,
        boolean generated,
        boolean defaulted,
        Privileges privileges) {

    /** Rights on one column. */
    record Privileges(boolean select, boolean insert, boolean update) {}
}
