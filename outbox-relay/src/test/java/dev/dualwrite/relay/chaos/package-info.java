/**
 * The chaos suite: pods in processes of their own, a primary with an asynchronous standby, a secondary, writers, and faults
 * drawn from a seed. What the writers committed is compared with what the secondary went through.
 */
@NullMarked
package dev.dualwrite.relay.chaos;

import org.jspecify.annotations.NullMarked;
