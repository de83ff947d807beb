/** A small order service as a user would write it. */
@NullMarked
package dev.dualwrite.sample;

import org.jspecify.annotations.NullMarked;
