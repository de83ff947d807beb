/** What the packages of the relay share and nobody else may use: log messages, threads. */
@NullMarked
package dev.dualwrite.relay.internal;

import org.jspecify.annotations.NullMarked;
