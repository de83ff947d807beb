package dev.dualwrite.outbox;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * States, on the class of a payload, the logical type name and the schema version that its entries carry. Renaming or moving
 * the class then changes nothing in an entry.
 *
 * <p>Read when the payload is serialised. An entry for which {@link OutboxEntry#payloadType(String, int)} was called with
 * something else makes its transaction fail. Subclasses inherit it.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface PayloadType {

    /** A name of yours, 1 to 200 characters; what consumers know the payload by, so never change it alone. */
    String value();

    /** Raised with every change of the payload's shape, 1 to 32,767. */
    int version() default 1;
}
