/** Measures what the outbox costs and how fast it is, beside limits that are measured in the same run. */
@NullMarked
package dev.dualwrite.bench;

import org.jspecify.annotations.NullMarked;
