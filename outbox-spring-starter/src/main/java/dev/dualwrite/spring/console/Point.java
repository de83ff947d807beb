package dev.dualwrite.spring.console;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the small charts keep of one look. Immutable.
 *
 * @param lagSeconds of the sink that is furthest behind
 * @param entries not applied, at all sinks
 * @param appendedPerSecond entries that this process committed since the point before; absent for the first one
 * @param appliedPerSecond entries that the relay in this process applied; absent where nobody counts them
 */
record Point(
        Instant at,
        double lagSeconds,
        long entries,
        @Nullable Double appendedPerSecond,
        @Nullable Double appliedPerSecond) {}
