/** Payloads in Apache Avro, beside those in JSON. */
@NullMarked
package dev.dualwrite.spring.avro;

import org.jspecify.annotations.NullMarked;
