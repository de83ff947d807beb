/** What the relays of this process say of themselves to those who ask for its health. */
@NullMarked
package dev.dualwrite.relay.health;

import org.jspecify.annotations.NullMarked;
