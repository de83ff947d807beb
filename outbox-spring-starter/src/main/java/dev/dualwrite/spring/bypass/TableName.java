package dev.dualwrite.spring.bypass;

import org.jspecify.annotations.Nullable;

/** A table as a statement names it, in lower case. Immutable. */
record TableName(@Nullable String schema, String table) {

    @Override
    public String toString() {
        return schema == null ? table : schema + "." + table;
    }
}
