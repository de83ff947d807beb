/** Entities of awkward shapes, captured with annotations alone. */
@NullMarked
package dev.dualwrite.relay.capture.sample;

import org.jspecify.annotations.NullMarked;
