/** Binds the outbox to Spring's transactions: which one is current, and what happens at its end. */
@NullMarked
package dev.dualwrite.spring.transaction;

import org.jspecify.annotations.NullMarked;
