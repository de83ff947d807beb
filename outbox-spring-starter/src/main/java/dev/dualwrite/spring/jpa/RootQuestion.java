package dev.dualwrite.spring.jpa;

import java.util.List;

/**
 * Which roots do rows of an entity lead to? Immutable.
 *
 * @param entity name of the entity, as HQL has it
 * @param path names of to-one attributes from there to the root, at least one
 * @param root where they lead
 */
record RootQuestion(String entity, List<String> path, CapturedRoot root) {

    /** Names are Hibernate's own; values are bound. */
    String query() {
        return "select distinct id(part." + String.join(".", path) + ") from " + entity
                + " part where id(part) in (:ids)";
    }
}
