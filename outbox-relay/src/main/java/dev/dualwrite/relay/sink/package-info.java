/** How a relay comes by its sinks when they are configured and not programmed. */
@NullMarked
package dev.dualwrite.relay.sink;

import org.jspecify.annotations.NullMarked;
