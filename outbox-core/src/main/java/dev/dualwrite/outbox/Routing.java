package dev.dualwrite.outbox;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which sinks an entry is meant for, and how its order is made. Immutable; a pure decision.
 *
 * @param sinkIds every sink that this service knows, with its number in the database
 * @param defaultSinks the sinks of an entry whose own call and aggregate type name none
 * @param aggregates rules by aggregate type
 */
public record Routing(Map<String, Short> sinkIds, Set<String> defaultSinks, Map<String, AggregateRule> aggregates) {

    public Routing {
        sinkIds = Map.copyOf(sinkIds);
        defaultSinks = Set.copyOf(defaultSinks);
        aggregates = Map.copyOf(aggregates);
    }

    /** How entries of one aggregate type come into order. */
    public enum Ordering {
        /** By the row locks of the transaction: enough where all writers of an aggregate conflict on a row. */
        ROW,
        /** By an advisory lock on the aggregate, held to the commit: for writers that need not conflict on a row. */
        LOCK
    }

    /**
     * What the configuration says of one aggregate type.
     *
     * @param sinks empty for the default ones
     */
    public record AggregateRule(Set<String> sinks, Ordering ordering) {

        public AggregateRule {
            sinks = Set.copyOf(sinks);
        }
    }

    /**
     * The sinks that an entry goes to, in the order of their names.
     *
     * @throws IllegalArgumentException if there is none, or one that this service does not know
     */
    public Set<String> sinksOf(OutboxEntry entry) {
        Set<String> sinks = entry.sinks();
        if (sinks.isEmpty()) {
            AggregateRule rule = aggregates.get(entry.aggregate().type());
            sinks = rule == null || rule.sinks().isEmpty() ? defaultSinks : rule.sinks();
        }
        if (sinks.isEmpty()) {
            throw new IllegalArgumentException("entry '" + entry
                    + "' names no sink and there is no default: known sinks are "
                    + known() + "; call OutboxEntry.to(...), or set dualwrite.outbox.sinks or dualwrite.aggregates."
                    + entry.aggregate().type() + ".sinks");
        }
        for (String sink : sinks) {
            if (!sinkIds.containsKey(sink)) {
                throw new IllegalArgumentException("entry '" + entry + "' names the sink '" + sink
                        + "', known sinks are " + known()
                        + "; configure dualwrite.sinks." + sink + ", or name it in dualwrite.outbox.sinks if another"
                        + " process relays it");
            }
        }
        return new TreeSet<>(sinks);
    }

    public Ordering orderingOf(String aggregateType) {
        AggregateRule rule = aggregates.get(aggregateType);
        return rule == null ? Ordering.ROW : rule.ordering();
    }

    private Set<String> known() {
        return new TreeSet<>(sinkIds.keySet());
    }
}
