/** Rounds, figures and the report that they end in. */
@NullMarked
package dev.dualwrite.bench.run;

import org.jspecify.annotations.NullMarked;
