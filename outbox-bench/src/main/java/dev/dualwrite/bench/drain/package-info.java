/** How fast a backlog goes to the secondary, and at what cost. */
@NullMarked
package dev.dualwrite.bench.drain;

import org.jspecify.annotations.NullMarked;
