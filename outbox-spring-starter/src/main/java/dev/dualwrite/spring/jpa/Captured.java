package dev.dualwrite.spring.jpa;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes an entity the root of an aggregate whose changes are captured: each transaction that inserts, updates or deletes
 * it through Hibernate, or changes one of its collections or {@linkplain PartOf parts}, writes one entry for it.
 *
 * <p>On an entity or a mapped superclass; the entities below it are captured too, as the same aggregate type, unless they have an
 * annotation of their own. {@code dualwrite.capture.entities} says the same of classes that cannot be annotated, and wins
 * where both speak.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Captured {

    /**
     * The aggregate type, 1 to 100 characters. If empty, the name of the topmost entity that the annotation captures, in lower case
     * with hyphens: {@code PurchaseOrder} is {@code purchase-order}. Set it, or renaming the class renames the type.
     */
    String aggregate() default "";

    /** The sinks of its entries; if empty, those that the configuration gives its aggregate type. */
    String[] sinks() default {};

    /** What its changes are written down as. */
    EntryKind entry() default EntryKind.REFERENCE;

    /**
     * The schema version of its state, 1 to 32,767, the same for all entities of its aggregate type. Raise it with each change of
     * the mapping that an older release must not load: its relays then leave the entries to newer ones.
     */
    int version() default 1;
}
