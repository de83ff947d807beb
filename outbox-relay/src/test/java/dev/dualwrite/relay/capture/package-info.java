/** Tables captured by trigger, with a relay behind them. */
@NullMarked
package dev.dualwrite.relay.capture;

import org.jspecify.annotations.NullMarked;
