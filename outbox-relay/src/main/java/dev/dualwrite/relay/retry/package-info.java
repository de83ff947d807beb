/** When a failed entry is tried again, and whose fault a failure is: pure decisions. */
@NullMarked
package dev.dualwrite.relay.retry;

import org.jspecify.annotations.NullMarked;
