/** What capture by trigger costs the transactions of the captured tables. */
@NullMarked
package dev.dualwrite.bench.capture;

import org.jspecify.annotations.NullMarked;
