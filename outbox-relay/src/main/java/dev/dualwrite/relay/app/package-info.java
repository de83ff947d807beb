/** The relay as a process of its own. */
@NullMarked
package dev.dualwrite.relay.app;

import org.jspecify.annotations.NullMarked;
