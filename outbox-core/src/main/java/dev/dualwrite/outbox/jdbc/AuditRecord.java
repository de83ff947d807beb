package dev.dualwrite.outbox.jdbc;

import java.time.Instant;

/**
 * One act of a person, as it is on record. Immutable.
 *
 * @param auditId order of the acts
 * @param actor the database user; "name via user" where an application acted for a person
 * @param subject what was acted on: "entry 7", "sink copy", "table public.orders"
 * @param detail a JSON object: what the act met and did; never a payload
 */
public record AuditRecord(
        long auditId, Instant at, String actor, String action, String subject, String reason, String detail) {}
