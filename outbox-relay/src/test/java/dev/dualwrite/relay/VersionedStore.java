package dev.dualwrite.relay;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A store in memory that keeps what has the largest version, as every sink should. Thread-safe. */
final class VersionedStore implements Sink {

    private final Map<String, ClaimedEntry> newest = new HashMap<>();

    @Override
    public synchronized List<ApplyResult> apply(List<ClaimedEntry> entries) {
        return entries.stream().map(this::put).toList();
    }

    private ApplyResult put(ClaimedEntry entry) {
        ClaimedEntry known = newest.get(entry.aggregate().id());
        if (known != null && known.version().compareTo(entry.version()) >= 0) {
            return ApplyResult.stale();
        }
        newest.put(entry.aggregate().id(), entry);
        return ApplyResult.applied();
    }

    /** What it holds; absent if nothing came. */
    synchronized @Nullable String value(String id) {
        ClaimedEntry known = newest.get(id);
        return known == null ? null : RecordingSink.payload(known);
    }
}
