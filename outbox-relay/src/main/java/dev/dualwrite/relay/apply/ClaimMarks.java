package dev.dualwrite.relay.apply;

import java.util.function.LongSupplier;

/**
 * What workers know of the claim thread. Thread-safe.
 *
 * @param lastClaim the number of the last claim that is over
 * @param clock of the primary, as of the last poll
 */
record ClaimMarks(LongSupplier lastClaim, PrimaryClock clock) {}
