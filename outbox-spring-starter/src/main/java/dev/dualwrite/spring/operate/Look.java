package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.jdbc.Overview;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One look at the primary. Immutable; exactly one of overview and failure is there.
 *
 * @param at when it ended, by this process's clock
 * @param overview how the outbox stands
 * @param failure why that is not known: one line for a person, without credentials
 */
public record Look(
        Instant at, @Nullable Overview overview, @Nullable String failure) {}
