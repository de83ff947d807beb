/** Meters and spans of the relay's work, with Micrometer. */
@NullMarked
package dev.dualwrite.relay.measure;

import org.jspecify.annotations.NullMarked;
