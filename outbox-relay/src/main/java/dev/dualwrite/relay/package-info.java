/** The relay: moves entries to the secondary stores. */
@NullMarked
package dev.dualwrite.relay;

import org.jspecify.annotations.NullMarked;
