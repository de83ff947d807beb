/** A real PostgreSQL for tests and the demo, without Docker. */
@NullMarked
package dev.dualwrite.postgres;

import org.jspecify.annotations.NullMarked;
