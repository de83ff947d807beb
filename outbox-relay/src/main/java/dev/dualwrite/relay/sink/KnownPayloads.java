package dev.dualwrite.relay.sink;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sink that is spared what it does not know: upserts of another payload type, or of a newer schema version than its mapping was
 * written for, as a newer release appends them while older relays still run. Those are answered as unknown, so they wait.
 * Deletions carry no payload and pass. As thread-safe as the sink.
 */
public final class KnownPayloads implements Sink {

    private final Sink sink;
    private final Map<String, Integer> newest;

    /**
     * A sink behind this check.
     *
     * @param newest for each known payload type the newest schema version that is known
     */
    public KnownPayloads(Sink sink, Map<String, Integer> newest) {
        this.sink = sink;
        this.newest = Map.copyOf(newest);
    }

    @Override
    public boolean keepsEveryEntry() {
        return sink.keepsEveryEntry();
    }

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
        var known = new ArrayList<ClaimedEntry>(entries.size());
        var results = new ArrayList<@Nullable ApplyResult>(entries.size());
        for (ClaimedEntry entry : entries) {
            ApplyResult unknown = unknown(entry);
            results.add(unknown);
            if (unknown == null) {
                known.add(entry);
            }
        }
        if (known.size() == entries.size()) {
            return sink.apply(entries);
        }
        var answers = known.isEmpty() ? List.<ApplyResult>of() : sink.apply(known);
        var all = new ArrayList<ApplyResult>(entries.size());
        int next = 0;
        for (ApplyResult unknown : results) {
            // A sink that answers too little is told so by the relay: the sizes will differ.
            if (unknown != null) {
                all.add(unknown);
            } else if (next < answers.size()) {
                all.add(answers.get(next++));
            }
        }
        return all;
    }

    private @Nullable ApplyResult unknown(ClaimedEntry entry) {
        if (entry.payload() == null) {
            return null;
        }
        Integer version = newest.get(entry.payloadType());
        if (version == null) {
            return ApplyResult.unknown(
                    "payload type is '" + entry.payloadType() + "', this sink knows " + newest.keySet());
        }
        return entry.schemaVersion() <= version
                ? null
                : ApplyResult.unknown("schema version of payload type '" + entry.payloadType() + "' is "
                        + entry.schemaVersion() + ", this sink knows it up to " + version);
    }
}
