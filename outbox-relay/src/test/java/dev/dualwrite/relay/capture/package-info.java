/** What is captured, all the way to a secondary. */
@NullMarked
package dev.dualwrite.relay.capture;

import org.jspecify.annotations.NullMarked;
