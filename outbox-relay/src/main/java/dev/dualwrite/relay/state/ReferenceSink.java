package dev.dualwrite.relay.state;

import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.jdbc.VersionStore;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.sink.LoadsReferences;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A sink that gets states where the outbox has references. As thread-safe as the sink; blocks on the primary and on the sink.
 *
 * <p>For each reference it (1) draws a new version, (2) then loads the state, (3) gives the sink an upsert with that state and
 * version, or a deletion if the aggregate is gone.
 *
 * <p>Claim: once everything of an aggregate is applied, the sink holds its last state. Let e be the reference of the last
 * transaction that changed it, and v the version that e is applied with. e was claimed, so its transaction was committed, before v
 * was drawn. Any application with a larger version, whoever makes it, drew that version after v, and loaded after it had drawn: so
 * it read that last state, too. The largest version wins at the sink, so what it holds is the last state.
 *
 * <ul>
 *   <li>The entry's own number would not do: writers that do not conflict on a row commit in another order than their numbers,
 *       and the later one, with the smaller number, would be stale.
 *   <li>Loading before drawing would not do: two holders of a lane could load old and new, and draw in the other order.
 *   <li>A holder that was paused after it loaded applies an old state with a smaller version: it loses. One that was paused
 *       between the two steps applies a state that is newer than its version says: what is newer in it has a reference that
 *       is not applied yet, or was applied with a larger version.
 *   <li>The epoch is the one in force when the number is drawn, not that of the claim: a held reference can be older than a
 *       failover after which numbers began again below.
 *   <li>A snapshot of the same aggregate would lose against a state that was loaded before it was committed: one aggregate type has
 *       entries of one kind only.
 * </ul>
 *
 * <p>CLAIMED_NOT_APPLIED covers its gaps: drawn numbers that nobody uses are gaps in a sequence, and a load changes nothing.
 */
final class ReferenceSink implements Sink, LoadsReferences {

    private final Sink sink;
    private final VersionStore versions;
    private final StateSources sources;
    private final Bounds bounds;
    private final SliceSizes slices;

    ReferenceSink(Sink sink, VersionStore versions, StateSources sources, Bounds bounds) {
        this.sink = sink;
        this.versions = versions;
        this.sources = sources;
        this.bounds = bounds;
        this.slices = new SliceSizes(bounds.limits());
    }

    /** What one call may take: memory, and time, loading included. */
    record Bounds(StateSource.Limits limits, Duration timeout) {}

    @Override
    public boolean loadsReferences() {
        return true;
    }

    @Override
    public boolean keepsEveryEntry() {
        return sink.keepsEveryEntry();
    }

    @Override
    public boolean takesEncodedPayloads() {
        return sink.takesEncodedPayloads();
    }

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
        for (ClaimedEntry entry : entries) {
            if (isReference(entry)) {
                Deadline deadline = Deadline.after(bounds.timeout());
                return new ReferenceBatch(sink, entries, slices, deadline)
                        .apply(versions, sources(entries), bounds.limits());
            }
        }
        return sink.apply(entries);
    }

    static boolean isReference(ClaimedEntry entry) {
        return entry.operation() == Operation.REFERENCE;
    }

    private Map<String, Optional<StateSource>> sources(List<ClaimedEntry> entries) {
        var byType = new HashMap<String, Optional<StateSource>>();
        for (ClaimedEntry entry : entries) {
            if (isReference(entry)) {
                byType.computeIfAbsent(entry.aggregate().type(), sources::of);
            }
        }
        return byType;
    }
}
