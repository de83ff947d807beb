/** Which lanes this relay holds: ShedLock locks, fencing tokens, renewal. */
@NullMarked
package dev.dualwrite.relay.lease;

import org.jspecify.annotations.NullMarked;
