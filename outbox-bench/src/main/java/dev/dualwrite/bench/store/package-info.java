/** The servers, what they use, and the outboxes and rows in them. */
@NullMarked
package dev.dualwrite.bench.store;

import org.jspecify.annotations.NullMarked;
