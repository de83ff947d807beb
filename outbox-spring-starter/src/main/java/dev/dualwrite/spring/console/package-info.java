/** The console: a page, the data behind it, and news of it, in servlet applications. */
@NullMarked
package dev.dualwrite.spring.console;

import org.jspecify.annotations.NullMarked;
