package dev.dualwrite.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The smallest secondary store that keeps the whole contract; its parts are open, so that a broken sink can misuse them. */
final class MemoryStore {

    static final String BAD = "bad";
    static final String FAILING = "failing";

    /** A state or, where it is null, a tombstone. */
    record Row(Version version, String state) {}

    private final Map<Aggregate, Row> rows = new HashMap<>();

    /** Checks and writes all of it under one lock, or nothing. */
    synchronized List<ApplyResult> apply(List<ClaimedEntry> entries) {
        if (entries.stream().anyMatch(e -> state(e).equals(FAILING))) {
            throw new IllegalArgumentException("the store refuses the batch");
        }
        var results = new ArrayList<ApplyResult>();
        for (ClaimedEntry entry : entries) {
            results.add(applyOne(entry));
        }
        return results;
    }

    synchronized ApplyResult applyOne(ClaimedEntry entry) {
        if (state(entry).equals(BAD)) {
            return ApplyResult.rejected("the payload is bad");
        }
        if (!isNewer(entry)) {
            return ApplyResult.stale();
        }
        put(entry);
        return ApplyResult.applied();
    }

    synchronized boolean isNewer(ClaimedEntry entry) {
        Row row = rows.get(entry.aggregate());
        return row == null || entry.version().compareTo(row.version()) > 0;
    }

    synchronized void put(ClaimedEntry entry) {
        rows.put(entry.aggregate(), new Row(entry.version(), isDeletion(entry) ? null : state(entry)));
    }

    synchronized Optional<Row> row(Aggregate aggregate) {
        return Optional.ofNullable(rows.get(aggregate));
    }

    synchronized void change(Aggregate aggregate, UnaryOperator<Row> change) {
        rows.compute(aggregate, (a, row) -> change.apply(row));
    }

    Optional<String> held(Aggregate aggregate) {
        return row(aggregate).map(Row::state);
    }

    static boolean isDeletion(ClaimedEntry entry) {
        return entry.operation() == Operation.DELETE;
    }

    static String state(ClaimedEntry entry) {
        return entry.payload() == null ? "" : new String(entry.payload(), UTF_8);
    }
}
