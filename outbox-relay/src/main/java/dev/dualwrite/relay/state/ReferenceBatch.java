package dev.dualwrite.relay.state;

import static java.util.Objects.requireNonNull;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.jdbc.VersionStore;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.StateLoader.State;
import dev.dualwrite.relay.state.StateSource.Limits;
import dev.dualwrite.relay.state.StateSource.Loaded;
import dev.dualwrite.relay.state.StateSource.Refused;
import dev.dualwrite.relay.state.StateSource.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One batch in which there are references, on its way to a sink. Confined to one thread; for one batch only.
 *
 * <p>The states of a batch may be far larger than the batch: it is loaded and applied slice by slice, so that no more than one slice
 * is in memory. A later slice that fails makes the relay apply the earlier ones again, with newer versions.
 */
final class ReferenceBatch {

    private final Sink sink;
    private final List<ClaimedEntry> entries;
    private final SliceSizes slices;
    private final Deadline deadline;
    private final @Nullable ApplyResult[] results;
    private final Map<Integer, Version> drawn = new HashMap<>();

    ReferenceBatch(Sink sink, List<ClaimedEntry> entries, SliceSizes slices, Deadline deadline) {
        this.sink = sink;
        this.entries = entries;
        this.slices = slices;
        this.deadline = deadline;
        this.results = new @Nullable ApplyResult[entries.size()];
    }

    /** One result for each entry; fewer or more if that is what the sink answers. */
    List<ApplyResult> apply(VersionStore versions, Map<String, Optional<StateSource>> sources, Limits limits)
            throws Exception {
        draw(versions, sources);
        int from = 0;
        while (from < entries.size()) {
            checkTime(from);
            int to = end(from);
            Loads loads = load(from, to, sources, limits);
            to = firstLeft(from, to, loads);
            // The sink's call has its own whole timeout: begun now, it could last until the lease is lost.
            checkTime(from);
            List<ApplyResult> wrong = hand(from, to, loads);
            if (wrong != null) {
                return wrong;
            }
            from = to;
        }
        var all = new ArrayList<ApplyResult>(results.length);
        for (ApplyResult result : results) {
            all.add(requireNonNull(result));
        }
        return all;
    }

    /** Drivers do not hear an interrupt, which says that the call's time is over, or that the relay stops. */
    private void checkTime(int from) throws InterruptedException, TimeoutException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted after " + from + " of " + entries.size() + " entries");
        }
        var unused = deadline.left();
    }

    /** What was loaded for a slice. */
    private record Loads(Map<Aggregate, State> states, Map<Aggregate, Refused> rejected, Set<Aggregate> left) {}

    /** Before anything is loaded, in the order of the batch; for those that nobody loads none. */
    private void draw(VersionStore versions, Map<String, Optional<StateSource>> sources) {
        var known = new ArrayList<Integer>();
        for (int i = 0; i < entries.size(); i++) {
            ClaimedEntry entry = entries.get(i);
            if (ReferenceSink.isReference(entry)) {
                String type = entry.aggregate().type();
                Optional<StateSource> source = sources.getOrDefault(type, Optional.empty());
                if (source.isPresent() && entry.schemaVersion() > source.get().newestVersion()) {
                    results[i] =
                            ApplyResult.unknown("aggregate type '" + type + "' has a reference with schema version "
                                    + entry.schemaVersion() + ", and its states are loaded here up to version "
                                    + source.get().newestVersion() + ". Next: wait for a newer relay, or deploy one");
                } else if (source.isPresent()) {
                    known.add(i);
                } else {
                    results[i] = ApplyResult.unknown("aggregate type '" + type
                            + "' has references, and nobody here loads their state. Next: declare a StateLoader bean"
                            + " for it, set dualwrite.aggregates." + type
                            + ".state.table, or capture its table again; or wait for a newer relay that does");
                }
            }
        }
        if (known.isEmpty()) {
            return;
        }
        List<Version> fresh = versions.draw(known.size());
        for (int i = 0; i < known.size(); i++) {
            drawn.put(known.get(i), fresh.get(i));
        }
    }

    private int end(int from) {
        var filling = slices.new Filling();
        for (int i = from; i < entries.size(); i++) {
            if (drawn.containsKey(i)
                    && !filling.takes(entries.get(i).aggregate().type())) {
                return i;
            }
        }
        return entries.size();
    }

    private Loads load(int from, int to, Map<String, Optional<StateSource>> sources, Limits limits) throws Exception {
        Map<String, Set<Aggregate>> wanted = new LinkedHashMap<>();
        int epoch = 0;
        for (int i = from; i < to; i++) {
            Version version = drawn.get(i);
            if (version != null) {
                epoch = version.epoch();
                Aggregate aggregate = entries.get(i).aggregate();
                wanted.computeIfAbsent(aggregate.type(), type -> new LinkedHashSet<>())
                        .add(aggregate);
            }
        }
        var loads = new Loads(new HashMap<>(), new HashMap<>(), new HashSet<>());
        long bytes = 0;
        for (var ofType : wanted.entrySet()) {
            StateSource source = requireNonNull(sources.get(ofType.getKey())).orElseThrow();
            List<Aggregate> aggregates = List.copyOf(ofType.getValue());
            Loaded loaded = source.load(new Request(aggregates, epoch, limits.without(bytes), deadline));
            bytes += loaded.bytes();
            slices.of(ofType.getKey()).loaded(loaded.count(), loaded.bytes());
            loads.states.putAll(loaded.states());
            loads.rejected.putAll(loaded.rejected());
            loads.left.addAll(loaded.left());
        }
        return loads;
    }

    /** A slice ends before the first that there was no room for. */
    private int firstLeft(int from, int to, Loads loads) {
        for (int i = from; i < to; i++) {
            if (drawn.containsKey(i) && loads.left.contains(entries.get(i).aggregate())) {
                return i;
            }
        }
        return to;
    }

    /** Gives the sink what can be applied of a slice; what it answers if that is not one result for each. */
    private @Nullable List<ApplyResult> hand(int from, int to, Loads loads) throws Exception {
        var ready = new ArrayList<ClaimedEntry>(to - from);
        var places = new ArrayList<Integer>(to - from);
        for (int i = from; i < to; i++) {
            ClaimedEntry entry = entries.get(i);
            Version version = drawn.get(i);
            Refused refused = version == null ? null : loads.rejected.get(entry.aggregate());
            if (refused != null) {
                results[i] = ApplyResult.rejected(refused.reason());
            } else if (results[i] == null) {
                ready.add(version == null ? entry : loaded(entry, version, loads.states.get(entry.aggregate())));
                places.add(i);
            }
        }
        if (ready.isEmpty()) {
            return null;
        }
        List<ApplyResult> answers = sink.apply(ready);
        if (answers == null || answers.size() != ready.size()) {
            // The relay tells the sink so: the sizes differ.
            return answers != null && answers.size() == entries.size() ? List.of() : answers;
        }
        for (int i = 0; i < places.size(); i++) {
            results[places.get(i)] = answers.get(i);
        }
        return null;
    }

    // It does not find the annotation of an array among the parameters of another module's record.
    @SuppressWarnings("NullAway")
    private static ClaimedEntry loaded(ClaimedEntry reference, Version version, @Nullable State state) {
        if (state == null) {
            return new ClaimedEntry(
                    version,
                    reference.shard(),
                    reference.aggregate(),
                    Operation.DELETE,
                    null,
                    reference.payloadType(),
                    reference.schemaVersion(),
                    reference.headers(),
                    reference.appendedAt());
        }
        return new ClaimedEntry(
                version,
                reference.shard(),
                reference.aggregate(),
                Operation.UPSERT,
                state.payload(),
                state.payloadType(),
                state.schemaVersion(),
                reference.headers(),
                reference.appendedAt());
    }
}
