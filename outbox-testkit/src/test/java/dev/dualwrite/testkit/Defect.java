package dev.dualwrite.testkit;

import static dev.dualwrite.testkit.MemoryStore.isDeletion;
import static dev.dualwrite.testkit.MemoryStore.state;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.testkit.MemoryStore.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Mistakes that sinks are made with, each with the rules of the contract that have to find it. */
@SuppressWarnings("ImmutableEnumChecker") // each holds a function that makes a new sink
enum Defect {
    ANSWERS_BEFORE_IT_WRITES(
            store -> entries -> Collections.nCopies(entries.size(), ApplyResult.applied()),
            "appliedEntryIsVisibleWhenApplyHasReturned"),

    ANSWERS_IN_ANOTHER_ORDER(
            store -> entries -> {
                var results = new ArrayList<>(store.apply(entries));
                Collections.reverse(results);
                return results;
            },
            "everyEntryGetsOneResultInTheOrderOfTheBatch"),

    ADDS_INSTEAD_OF_REPLACING(
            store -> each(entry -> {
                String sum = store.held(entry.aggregate()).orElse("") + state(entry);
                store.change(entry.aggregate(), row -> new Row(entry.version(), isDeletion(entry) ? null : sum));
                return ApplyResult.applied();
            }),
            "sameBatchTwiceHasItsEffectOnce"),

    UPSERTS_UNGUARDED(
            store -> each(entry -> {
                if (isDeletion(entry)) {
                    return store.applyOne(entry);
                }
                store.put(entry);
                return ApplyResult.applied();
            }),
            "olderUpsertAfterANewerOneIsStale"),

    DELETES_UNGUARDED(
            store -> each(entry -> {
                if (!isDeletion(entry)) {
                    return store.applyOne(entry);
                }
                store.put(entry);
                return ApplyResult.applied();
            }),
            "olderDeletionAfterANewerUpsertIsStale"),

    FORGETS_DELETIONS(
            store -> each(entry -> {
                ApplyResult result = store.applyOne(entry);
                store.change(entry.aggregate(), row -> row.state() == null ? null : row);
                return result;
            }),
            "olderUpsertAfterADeletionIsStale"),

    NEVER_FORGIVES_DELETIONS(
            store -> each(entry -> {
                boolean deleted = store.row(entry.aggregate())
                        .filter(row -> row.state() == null)
                        .isPresent();
                return deleted ? ApplyResult.stale() : store.applyOne(entry);
            }),
            "newerUpsertAfterADeletionIsBack"),

    TAKES_THE_FIRST_OF_A_BATCH(
            store -> entries -> {
                var seen = new HashSet<Aggregate>();
                return entries.stream()
                        .map(e -> seen.add(e.aggregate()) ? store.applyOne(e) : ApplyResult.stale())
                        .toList();
            },
            "newestOfSeveralEntriesOfOneAggregateInOneBatchWins"),

    REFUSES_TO_DELETE_NOTHING(
            store -> each(
                    entry -> isDeletion(entry) && store.held(entry.aggregate()).isEmpty()
                            ? ApplyResult.rejected("there is no such row")
                            : store.applyOne(entry)),
            "deletionOfAnAbsentAggregateIsTaken"),

    IGNORES_THE_CASE_OF_IDS(
            store -> each(entry -> {
                var folded = new Aggregate("contract", entry.aggregate().id().toLowerCase(Locale.ROOT));
                store.change(folded, row -> new Row(entry.version(), state(entry)));
                return ApplyResult.applied();
            }),
            "awkwardIdsAreTakenAndStayApart"),

    CUTS_LARGE_BATCHES(
            store -> entries -> {
                store.apply(entries.subList(0, Math.min(500, entries.size())));
                return Collections.nCopies(entries.size(), ApplyResult.applied());
            },
            "batchOfAThousandEntriesIsApplied"),

    KEEPS_ITS_BATCH_IN_A_FIELD(SharedBatch::new, "twoShardsAppliedAtOnceDoNotDisturbEachOther"),

    REJECTS_THE_WHOLE_BATCH(
            store -> entries -> entries.stream().anyMatch(e -> state(e).equals(MemoryStore.BAD))
                    ? Collections.nCopies(entries.size(), ApplyResult.rejected("one of them is bad"))
                    : store.apply(entries),
            "badPayloadIsRejectedForItsEntryOnly"),

    WRITES_ONE_BY_ONE(store -> each(entry -> store.apply(List.of(entry)).get(0)), "callThatThrowsHasChangedNothing"),

    IS_DEAF_TO_INTERRUPTS(store -> store::apply, "interruptedCallEnds"),

    CHECKS_THEN_WRITES(
            CheckThenAct::new,
            "newerUpsertWinsAgainstAnOlderUpsertAtTheSameTime",
            "deletionWinsAgainstAnOlderUpsertAtTheSameTime",
            "newerUpsertWinsAgainstAnOlderDeletionAtTheSameTime");

    private final Function<MemoryStore, Sink> sink;
    private final List<String> rules;

    Defect(Function<MemoryStore, Sink> sink, String... rules) {
        this.sink = sink;
        this.rules = List.of(rules);
    }

    Sink on(MemoryStore store) {
        return sink.apply(store);
    }

    List<String> rules() {
        return rules;
    }

    private static Sink each(Function<ClaimedEntry, ApplyResult> one) {
        return entries -> entries.stream().map(one).toList();
    }
}
