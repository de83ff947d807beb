/** The order service: all that a team would write itself. What it owes to Dualwrite is three lines in OrderService. */
@NullMarked
package dev.dualwrite.sample.order;

import org.jspecify.annotations.NullMarked;
