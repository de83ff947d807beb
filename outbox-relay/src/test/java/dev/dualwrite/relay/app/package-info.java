/** The pod as users start it: from its jar, after AOT processing, and from its image. */
@NullMarked
package dev.dualwrite.relay.app;

import org.jspecify.annotations.NullMarked;
