/** Services and relay pods as users have them. */
@NullMarked
package dev.dualwrite.bench.pod;

import org.jspecify.annotations.NullMarked;
