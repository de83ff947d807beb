/** What an entry costs the business transaction that appends it. */
@NullMarked
package dev.dualwrite.bench.producer;

import org.jspecify.annotations.NullMarked;
