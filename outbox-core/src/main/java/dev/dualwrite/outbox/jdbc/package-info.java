/** The outbox in PostgreSQL: append, claim, settle, leases. All SQL of the primary is in {@code PostgresStatements}. */
@NullMarked
package dev.dualwrite.outbox.jdbc;

import org.jspecify.annotations.NullMarked;
