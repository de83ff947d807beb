/** From the hot table to the sink: claim, apply, settle, and the held entries. */
@NullMarked
package dev.dualwrite.relay.apply;

import org.jspecify.annotations.NullMarked;
