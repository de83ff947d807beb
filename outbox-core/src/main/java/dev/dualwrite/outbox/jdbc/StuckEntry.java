package dev.dualwrite.outbox.jdbc;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One entry that does not get on, as the view stuck_entries tells it. Immutable; no payload.
 *
 * @param state dead, overdue or blocked; hot for one that is simply not due yet
 * @param attempts tries so far
 * @param nextAttemptAt from when on it may be tried again; absent unless it backs off
 * @param errorMessage the last error; of an overdue one, what keeps it from being tried
 * @param age since it was appended
 * @param blockedBy the first held entry of its aggregate; absent unless it is blocked
 * @param nextStep what a person does about it
 */
public record StuckEntry(
        long entryId,
        String sink,
        String aggregateType,
        String aggregateId,
        String state,
        int attempts,
        @Nullable Instant firstFailedAt,
        @Nullable Instant nextAttemptAt,
        @Nullable String errorClass,
        @Nullable String errorMessage,
        Duration age,
        @Nullable Long blockedBy,
        @Nullable String nextStep) {}
