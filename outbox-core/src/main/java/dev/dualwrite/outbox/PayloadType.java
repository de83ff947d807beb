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
 * something else makes its transaction fail. Subclasses and implementations inherit it, so a sealed interface can state it for
 * its records; two interfaces that state different things make the transaction fail, unless the class states it itself.
 *
 * <p>Without it the payload type is the aggregate's type in version 1. So to add it with another name renames the payload type:
 * state version 2 at least, and have an {@link dev.dualwrite.outbox.spi.Upcaster} from the aggregate's type.
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
