package dev.dualwrite.spring.transaction;

import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.jdbc.EncodedEntry;
import dev.dualwrite.outbox.spi.Committed;
import dev.dualwrite.outbox.spi.Committed.Rows;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts the entries of a transaction by sink and operation: once a transaction, so that listeners need not look at each. */
final class Tally {

    private Tally() {}

    static Committed of(List<EncodedEntry> entries) {
        Map<String, Map<Operation, Integer>> bySink = new HashMap<>();
        for (EncodedEntry entry : entries) {
            for (String sink : entry.sinks()) {
                bySink.computeIfAbsent(sink, s -> new EnumMap<>(Operation.class))
                        .merge(entry.entry().operation(), 1, Integer::sum);
            }
        }
        var rows = new ArrayList<Rows>();
        bySink.forEach(
                (sink, counts) -> counts.forEach((operation, count) -> rows.add(new Rows(sink, operation, count))));
        return new Committed(entries.size(), rows);
    }
}
