package dev.dualwrite.relay.sink.jdbc;

import tools.jackson.core.JsonPointer;

/** A column of the secondary and where in the payload its value is. Immutable. */
record MappedColumn(LiveColumn column, JsonPointer pointer) {

    String name() {
        return column.name();
    }

    @Override
    public String toString() {
        return "column '" + column.name() + "' (" + column.shownType() + ")";
    }
}
