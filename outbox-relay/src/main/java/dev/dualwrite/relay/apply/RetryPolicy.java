package dev.dualwrite.relay.apply;

import dev.dualwrite.relay.retry.Backoff;
import java.time.Duration;

/**
 * How often and for how long an entry is tried. Immutable.
 *
 * @param maxAttempts from 1; then the entry is dead
 * @param backoff between the attempts of one entry, and of the store after a failure of it
 * @param unknownGrace how long an entry of an unknown type or schema version waits for a relay that knows it; then it is dead
 */
public record RetryPolicy(int maxAttempts, Backoff backoff, Duration unknownGrace) {}
