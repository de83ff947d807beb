package dev.dualwrite.spring.bypass;

import java.util.Set;
import java.util.stream.Collectors;

/** What is known of a text: the captured tables that it changes. Thread-safe. */
final class Finding {

    static final Finding HARMLESS = new Finding(Set.of(), Set.of(), "");

    private final String tables;
    private final String entities;
    private final String shape;
    // Two threads at once: the shape is counted once all the same.
    private volatile boolean told;

    /** Both sets in the order of the text. */
    Finding(Set<TableName> tables, Set<String> entities, String shape) {
        this.tables = tables.stream().map(TableName::toString).collect(Collectors.joining(","));
        this.entities = String.join(",", entities);
        this.shape = shape;
    }

    boolean isHarmless() {
        return tables.isEmpty();
    }

    boolean isTold() {
        return told;
    }

    void told() {
        told = true;
    }

    Bypass at(String place) {
        return new Bypass(tables, entities, place, shape);
    }
}
