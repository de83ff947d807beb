/** A relay as a service would run it, and what it is watched by. */
@NullMarked
package dev.dualwrite.bench.relay;

import org.jspecify.annotations.NullMarked;
