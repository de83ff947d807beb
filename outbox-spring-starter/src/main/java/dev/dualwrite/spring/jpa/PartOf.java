package dev.dualwrite.spring.jpa;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes an entity a part of an aggregate: each of its changes captures the aggregate's root, a {@link Captured} entity. One
 * that moves from a root to another captures both.
 *
 * <p>On an entity or a mapped superclass; the entities below it are parts too, unless they have an annotation of their own.
 * {@code dualwrite.capture.entities} says the same of classes that cannot be annotated, and wins where both speak. An entity
 * may be a part and be captured itself.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface PartOf {

    /**
     * The way to the root: names of to-one attributes, joined by dots, for example {@code order} or {@code line.order}. Several if
     * it is a part of several aggregates. Where an attribute on the way is null, the part belongs to no root.
     */
    String[] value();
}
