package dev.dualwrite.spring.operate;

import org.jspecify.annotations.Nullable;

/**
 * Whoever asks, and what they may. Immutable.
 *
 * @param name goes on record as the actor; absent if nobody is known
 * @param mayLook at the console
 * @param mayAct whether they may change something
 * @param refusal why they may not act, and what would change that: for the answer; absent if they may
 */
public record Caller(
        @Nullable String name,
        boolean mayLook,
        boolean mayAct,
        @Nullable String refusal) {}
