/** What a relay does for tables that are captured by trigger. */
@NullMarked
package dev.dualwrite.relay.capture;

import org.jspecify.annotations.NullMarked;
