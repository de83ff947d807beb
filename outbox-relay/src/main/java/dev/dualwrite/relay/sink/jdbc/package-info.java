/**
 * The sink for PostgreSQL as secondary: guarded upserts, tombstones, and a check of the table before the first write.
 */
@NullMarked
package dev.dualwrite.relay.sink.jdbc;

import org.jspecify.annotations.NullMarked;
