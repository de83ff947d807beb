package dev.dualwrite.spring.jpa;

import org.jspecify.annotations.Nullable;

/**
 * A row that has changed, as one event tells of it. Confined to the event.
 *
 * @param id its identifier
 * @param entity the object, absent if it is not loaded
 * @param state values of its attributes, in Hibernate's order; absent if only the object has them
 */
@SuppressWarnings("ArrayRecordComponent") // Hibernate's own array, for the moment of an event
record ChangedRow(
        Object id, @Nullable Object entity, @Nullable Object @Nullable [] state) {}
