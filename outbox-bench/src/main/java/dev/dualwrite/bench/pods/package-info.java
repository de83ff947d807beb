/** What many relays cost beside one. */
@NullMarked
package dev.dualwrite.bench.pods;

import org.jspecify.annotations.NullMarked;
