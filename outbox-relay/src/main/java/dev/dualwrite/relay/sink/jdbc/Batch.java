package dev.dualwrite.relay.sink.jdbc;

import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The entries of one call, prepared: one row at most for each aggregate, and an answer for each entry. Confined to one
 * thread; no I/O.
 *
 * <p>An entry carries its aggregate's whole state, so of several entries of one aggregate only the newest that can be
 * written is. The older ones are answered as stale, which is what they are when the batch is committed: the secondary
 * holds a newer state, and nothing of theirs was written. An entry newer than that one is rejected.
 */
final class Batch {

    private final ApplyResult[] results;
    private final List<ClaimedEntry> entries;
    private final List<Row> upserts = new ArrayList<>();
    private final List<Row> deletes = new ArrayList<>();

    private Batch(List<ClaimedEntry> entries) {
        this.entries = entries;
        this.results = new ApplyResult[entries.size()];
        Arrays.fill(results, ApplyResult.stale());
    }

    /**
     * A batch of entries of one aggregate type; entries of another are rejected: their ids would meet the same rows.
     */
    static Batch of(List<ClaimedEntry> entries, RowReader reader, String aggregateType) {
        var batch = new Batch(entries);
        // Sorted by id, which is the order of the keys: two lanes that write the same rows meet them in one order.
        Map<String, List<Integer>> places = new TreeMap<>();
        for (int place = 0; place < entries.size(); place++) {
            String type = entries.get(place).aggregate().type();
            if (entries.get(place).operation() == Operation.REFERENCE) {
                // Taken for an upsert it would empty the row.
                batch.results[place] = ApplyResult.unknown("the entry is a reference, and its state was not loaded:"
                        + " expected the relay to do so before it calls the sink. Next: see References.before");
            } else if (type.equals(aggregateType)) {
                places.computeIfAbsent(entries.get(place).aggregate().id(), id -> new ArrayList<>())
                        .add(place);
            } else {
                batch.results[place] = ApplyResult.rejected("aggregate type is '" + type
                        + "', but this sink takes '" + aggregateType
                        + "' only: give each type a sink and a table of its"
                        + " own, with dualwrite.aggregates." + type + ".sinks");
            }
        }
        places.values().forEach(ofOne -> batch.addNewest(ofOne, reader));
        return batch;
    }

    private void addNewest(List<Integer> places, RowReader reader) {
        places.sort((a, b) -> entries.get(b).version().compareTo(entries.get(a).version()));
        for (int place : places) {
            ClaimedEntry entry = entries.get(place);
            try {
                Row row = reader.read(place, entry);
                (entry.operation() == Operation.DELETE ? deletes : upserts).add(row);
                return;
            } catch (UnfitEntryException e) {
                results[place] = ApplyResult.rejected(e.reason());
            }
        }
    }

    boolean isEmpty() {
        return upserts.isEmpty() && deletes.isEmpty();
    }

    boolean deletes() {
        return !deletes.isEmpty();
    }

    /** Rising, each once: the order in which they are locked. */
    Integer[] shards() {
        return entries.stream().map(ClaimedEntry::shard).distinct().sorted().toArray(Integer[]::new);
    }

    /** The row of a batch that has only one. */
    Row onlyRow() {
        return upserts.isEmpty() ? deletes.get(0) : upserts.get(0);
    }

    /**
     * The upserts, a list for each statement: the rows of a statement write the same columns and have different versions.
     * One list, unless payloads leave out columns that have a default.
     */
    Collection<List<Row>> upsertGroups() {
        return groups(upserts);
    }

    /** The deletions, a list for each statement; one list, since versions differ. */
    Collection<List<Row>> deleteGroups() {
        return groups(deletes);
    }

    /** Records which of a statement's rows were written; the others stay stale. */
    void written(List<Row> rows, Set<Long> versions) {
        for (Row row : rows) {
            if (versions.contains(row.version())) {
                results[row.place()] = ApplyResult.applied();
            }
        }
    }

    List<ApplyResult> results() {
        return List.of(results);
    }

    private static Collection<List<Row>> groups(List<Row> rows) {
        // The database answers with versions. The numbers of one sink are all different, so this splits nothing that
        // the
        // relay sends; but an answer must never be ascribed to another row that happens to have the same version.
        Map<Long, Integer> seen = new HashMap<>();
        Map<Statement, List<Row>> groups = new LinkedHashMap<>();
        for (Row row : rows) {
            int turn = seen.merge(row.version(), 1, Integer::sum);
            groups.computeIfAbsent(new Statement(row.present(), turn), s -> new ArrayList<>())
                    .add(row);
        }
        return groups.values();
    }

    private record Statement(BitSet present, int turn) {}
}
