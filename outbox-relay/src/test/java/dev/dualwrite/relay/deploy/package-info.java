/** The files in deploy/, read as strictly as what they are for reads them, and compared with the code. */
@NullMarked
package dev.dualwrite.relay.deploy;

import org.jspecify.annotations.NullMarked;
