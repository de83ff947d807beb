/** What the starter adds to the start of a service. */
@NullMarked
package dev.dualwrite.bench.startup;

import org.jspecify.annotations.NullMarked;
