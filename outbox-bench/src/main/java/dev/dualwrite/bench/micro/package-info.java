/** What an entry costs in the JVM, without any database: by JMH. */
@NullMarked
package dev.dualwrite.bench.micro;

import org.jspecify.annotations.NullMarked;
