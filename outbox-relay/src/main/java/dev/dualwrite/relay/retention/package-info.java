/** What is kept for a time only. */
@NullMarked
package dev.dualwrite.relay.retention;

import org.jspecify.annotations.NullMarked;
