/** An entity with an attribute of each Java type that has a PostgreSQL type. */
@NullMarked
package dev.dualwrite.relay.capture.types;

import org.jspecify.annotations.NullMarked;
