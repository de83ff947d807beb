/** How soon the secondary shows what the primary committed. */
@NullMarked
package dev.dualwrite.bench.latency;

import org.jspecify.annotations.NullMarked;
