package dev.dualwrite.spring.operate;

/**
 * Why something is done, and whether in earnest. Immutable.
 *
 * @param reason a few words, for the record
 * @param dryRun whether it is only tried and undone
 */
public record Why(String reason, boolean dryRun) {}
