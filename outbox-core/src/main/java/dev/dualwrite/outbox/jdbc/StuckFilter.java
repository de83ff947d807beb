package dev.dualwrite.outbox.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * Which stuck entries, and which page of them. What is absent does not restrict. Immutable; begin with {@link #everything()}.
 *
 * @param state dead, overdue or blocked
 * @param errorClass the whole name of the class
 * @param after only entries with a greater id: the last one of the page before
 * @param limit of a page, 1 to 500
 */
public record StuckFilter(
        @Nullable String sink,
        @Nullable String state,
        @Nullable String aggregateType,
        @Nullable String aggregateId,
        @Nullable String errorClass,
        long after,
        int limit) {

    /** Guessed: as much as a person scrolls through. */
    private static final int DEFAULT_LIMIT = 100;

    private static final int MAX_LIMIT = 500;

    public StuckFilter {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("limit is " + limit + ", expected 1 to " + MAX_LIMIT);
        }
    }

    /** The first 100 of all. */
    public static StuckFilter everything() {
        return new StuckFilter(null, null, null, null, null, Long.MIN_VALUE, DEFAULT_LIMIT);
    }

    /** Only of this sink. */
    public StuckFilter ofSink(@Nullable String name) {
        return new StuckFilter(name, state, aggregateType, aggregateId, errorClass, after, limit);
    }

    /** Only in this state. */
    public StuckFilter inState(@Nullable String word) {
        return new StuckFilter(sink, word, aggregateType, aggregateId, errorClass, after, limit);
    }

    /** Only of this aggregate; without an id of all aggregates of the type. */
    public StuckFilter ofAggregate(@Nullable String type, @Nullable String id) {
        return new StuckFilter(sink, state, type, id, errorClass, after, limit);
    }

    /** Only with an error of this class. */
    public StuckFilter withErrorClass(@Nullable String name) {
        return new StuckFilter(sink, state, aggregateType, aggregateId, name, after, limit);
    }

    /** The page behind an entry. */
    public StuckFilter page(long behind, int size) {
        return new StuckFilter(sink, state, aggregateType, aggregateId, errorClass, behind, size);
    }
}
