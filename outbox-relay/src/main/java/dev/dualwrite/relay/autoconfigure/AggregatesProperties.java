package dev.dualwrite.relay.autoconfigure;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the relay is told of single aggregate types.
 *
 * @param aggregates by name of the type
 */
@ConfigurationProperties("dualwrite")
record AggregatesProperties(@DefaultValue Map<String, Aggregate> aggregates) {

    /**
     * Of one aggregate type.
     *
     * @param state where the relay loads the state that reference entries of this type refer to; not needed where a StateLoader bean
     *     does, or where the table is captured by trigger
     */
    record Aggregate(@Nullable State state) {}

    /**
     * A table or view whose rows are states.
     *
     * @param table table or view of the primary, with or without its schema, written as the catalog has it
     * @param keyColumns the columns that hold the aggregate's id, in the order of its parts
     */
    record State(@Nullable String table, @DefaultValue List<String> keyColumns) {}
}
