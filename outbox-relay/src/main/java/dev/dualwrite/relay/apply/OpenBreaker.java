package dev.dualwrite.relay.apply;

/**
 * Why and since when nothing, or a trial at most, is sent to a sink. Immutable.
 *
 * @param reason without payloads and credentials
 * @param sinceNanos what {@link System#nanoTime()} said then
 */
public record OpenBreaker(String reason, long sinceNanos) {}
