/** Payloads on their way to a sink: decoded, lifted to the newest version, checked, brought into the secondary's shape. */
@NullMarked
package dev.dualwrite.relay.payload;

import org.jspecify.annotations.NullMarked;
