/** The relay inside a Spring Boot service or pod. */
@NullMarked
package dev.dualwrite.relay.autoconfigure;

import org.jspecify.annotations.NullMarked;
