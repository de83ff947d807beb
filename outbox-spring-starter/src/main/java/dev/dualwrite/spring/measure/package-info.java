/** Meters of a service's outbox, with Micrometer. */
@NullMarked
package dev.dualwrite.spring.measure;

import org.jspecify.annotations.NullMarked;
