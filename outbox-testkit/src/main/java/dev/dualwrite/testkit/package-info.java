/** For tests: a contract for sinks, named faults, and a checker of what happened. */
@NullMarked
package dev.dualwrite.testkit;

import org.jspecify.annotations.NullMarked;
