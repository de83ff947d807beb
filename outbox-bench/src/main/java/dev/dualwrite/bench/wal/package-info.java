/** What an entry writes into the primary's log. */
@NullMarked
package dev.dualwrite.bench.wal;

import org.jspecify.annotations.NullMarked;
