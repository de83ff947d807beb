package dev.dualwrite.spring.operate;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One thing that keeps entries from being applied. Immutable; no payload.
 *
 * @param problem what was seen, in words
 * @param since since when, as far as it is known
 * @param next what a person does about it
 */
public record Finding(String problem, @Nullable Instant since, String next) {}
