/** Loads the state that reference entries refer to, between the relay engine and a sink. */
@NullMarked
package dev.dualwrite.relay.state;

import org.jspecify.annotations.NullMarked;
