/** What an application sees: append an entry about an aggregate, and the errors that can come of it. */
@NullMarked
package dev.dualwrite.outbox;

import org.jspecify.annotations.NullMarked;
