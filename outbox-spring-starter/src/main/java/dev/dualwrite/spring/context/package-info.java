/** What is known of the surroundings of an append, as headers of its entries. */
@NullMarked
package dev.dualwrite.spring.context;

import org.jspecify.annotations.NullMarked;
