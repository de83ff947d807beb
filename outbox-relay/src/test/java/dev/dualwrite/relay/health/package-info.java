/** Tests of the health of relays. */
@NullMarked
package dev.dualwrite.relay.health;

import org.jspecify.annotations.NullMarked;
