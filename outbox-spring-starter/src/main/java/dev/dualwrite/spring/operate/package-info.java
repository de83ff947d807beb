/** The operator's side of a service: who may look and act, what is shown, and how the outbox stands. */
@NullMarked
package dev.dualwrite.spring.operate;

import org.jspecify.annotations.NullMarked;
