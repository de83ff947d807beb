/** The network between the parts of a test, with everything that a network does. */
@NullMarked
package dev.dualwrite.relay.wire;

import org.jspecify.annotations.NullMarked;
