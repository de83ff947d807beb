package dev.dualwrite.relay.state;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which rows an aggregate type stands for. Immutable.
 *
 * @param schema of the table or view; absent means the first in the search path that has it
 * @param table its name, as the catalog has it
 * @param keyColumns the parts of the aggregate id, in their order
 */
record TableKey(String aggregateType, @Nullable String schema, String table, List<String> keyColumns) {

    TableKey {
        keyColumns = List.copyOf(keyColumns);
    }

    /** For messages. */
    String shown() {
        return schema == null ? table : schema + "." + table;
    }
}
