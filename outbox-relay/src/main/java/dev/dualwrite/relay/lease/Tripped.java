package dev.dualwrite.relay.lease;

/**
 * Why and since when the breaker of a sink is open, for people who look at the table of relays. Immutable.
 *
 * @param reason without payloads and credentials
 * @param sinceNanos what {@link System#nanoTime()} said then; the database turns it into a time of its own clock
 */
public record Tripped(String reason, long sinceNanos) {}
