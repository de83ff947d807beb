/** How fast the relay is with very much before it, and with much behind it that vacuum may not remove. */
@NullMarked
package dev.dualwrite.bench.backlog;

import org.jspecify.annotations.NullMarked;
