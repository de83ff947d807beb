/** Captures what a service changes through JPA: each change of an annotated entity, or of its parts, becomes an entry. */
@NullMarked
package dev.dualwrite.spring.jpa;

import org.jspecify.annotations.NullMarked;
