package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.sink.LoadsReferences;
import java.util.ArrayList;
import java.util.List;

/**
 * A sink that never sees a reference, since nothing in front of it would load the state: to most sinks it would look like an upsert
 * of nothing. Such entries wait, as those of an unknown payload type do. As thread-safe as the sink.
 */
final class NoReferences implements Sink {

    private static final ApplyResult UNKNOWN = ApplyResult.unknown(
            "the entry is a reference, and this relay loads no states for the sink. Next: put References.before(sink, timeout)"
                    + " in front of it, or let a relay carry it that is configured by properties");

    private final Sink sink;

    private NoReferences(Sink sink) {
        this.sink = sink;
    }

    /** The sink itself if it takes references. */
    static Sink around(Sink sink) {
        return LoadsReferences.by(sink) ? sink : new NoReferences(sink);
    }

    @Override
    public boolean keepsEveryEntry() {
        return sink.keepsEveryEntry();
    }

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
        List<ClaimedEntry> fit =
                entries.stream().filter(entry -> !isReference(entry)).toList();
        if (fit.size() == entries.size()) {
            return sink.apply(entries);
        }
        List<ApplyResult> answers = fit.isEmpty() ? List.of() : sink.apply(fit);
        if (answers == null || answers.size() != fit.size()) {
            // The relay tells the sink so: the sizes differ.
            return answers != null && answers.size() == entries.size() ? List.of() : answers;
        }
        var all = new ArrayList<ApplyResult>(entries.size());
        int next = 0;
        for (ClaimedEntry entry : entries) {
            all.add(isReference(entry) ? UNKNOWN : answers.get(next++));
        }
        return all;
    }

    private static boolean isReference(ClaimedEntry entry) {
        return entry.operation() == Operation.REFERENCE;
    }
}
