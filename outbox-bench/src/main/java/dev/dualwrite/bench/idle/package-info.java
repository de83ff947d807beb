/** What a relay costs that has nothing to do. */
@NullMarked
package dev.dualwrite.bench.idle;

import org.jspecify.annotations.NullMarked;
