/** What a relay tells of its work, to whoever measures it; without a type of any library. */
@NullMarked
package dev.dualwrite.relay.observe;

import org.jspecify.annotations.NullMarked;
