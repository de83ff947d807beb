/** The ports: what a user or another module of Dualwrite plugs in. */
@NullMarked
package dev.dualwrite.outbox.spi;

import org.jspecify.annotations.NullMarked;
