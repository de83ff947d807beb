/** How a relay hears of commits in other processes before its next poll. */
@NullMarked
package dev.dualwrite.relay.notify;

import org.jspecify.annotations.NullMarked;
