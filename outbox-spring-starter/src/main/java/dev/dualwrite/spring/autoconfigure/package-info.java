/** Auto-configuration and properties of the starter. */
@NullMarked
package dev.dualwrite.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
