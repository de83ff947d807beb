package dev.dualwrite.spring.measure;

import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.spi.CommitListener;
import dev.dualwrite.outbox.spi.Committed;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Counts what this process appended, after its commit: what rolls back was never there. One counter for each sink and operation, there
 * from the start, so that a commit costs additions alone. Thread-safe.
 */
final class AppendedMeters implements CommitListener {

    private final Map<String, Map<Operation, Counter>> counters = new HashMap<>();

    /** For these sinks, which are all that the service can append to. */
    AppendedMeters(MeterRegistry registry, Collection<String> sinks) {
        for (String sink : sinks) {
            Map<Operation, Counter> ofSink = new EnumMap<>(Operation.class);
            for (Operation operation : Operation.values()) {
                ofSink.put(
                        operation,
                        Counter.builder("dualwrite.entries.appended")
                                .description("Entries that this process appended and committed")
                                .tag("sink", sink)
                                .tag("operation", operation.name().toLowerCase(Locale.ROOT))
                                .register(registry));
            }
            counters.put(sink, ofSink);
        }
    }

    @Override
    public void committed(int entries) {
        // What they were is what counts.
    }

    @Override
    public void committed(Committed what) {
        for (Committed.Rows rows : what.rows()) {
            Counter counter = counters.getOrDefault(rows.sink(), Map.of()).get(rows.operation());
            if (counter != null) {
                counter.increment(rows.count());
            }
        }
    }
}
