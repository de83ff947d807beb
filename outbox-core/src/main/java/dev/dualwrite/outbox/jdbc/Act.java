package dev.dualwrite.outbox.jdbc;

/**
 * Who does something, why, and whether in earnest. Immutable.
 *
 * @param actor the person, as the application knows it; goes on record as "actor via database user"
 * @param reason a few words on why; goes on record, cut to 2,000 characters
 * @param dryRun whether it is only tried: the same call, in a transaction that is rolled back
 */
public record Act(String actor, String reason, boolean dryRun) {}
