/** Finds changes of captured tables that no capture sees: bulk statements, native SQL, plain JDBC. */
@NullMarked
package dev.dualwrite.spring.bypass;

import org.jspecify.annotations.NullMarked;
