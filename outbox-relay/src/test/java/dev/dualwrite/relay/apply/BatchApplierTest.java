package dev.dualwrite.relay.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.jdbc.Failure;
import dev.dualwrite.outbox.jdbc.Failure.State;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.observe.BatchObserver;
import dev.dualwrite.relay.observe.CallObserver;
import dev.dualwrite.relay.observe.CalledEntries;
import dev.dualwrite.relay.observe.SettledBatch;
import dev.dualwrite.relay.observe.SettledBatch.Answers;
import dev.dualwrite.relay.retry.Backoff;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchApplierTest {

    private static final RetryPolicy POLICY =
            new RetryPolicy(3, new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8)), Duration.ofMinutes(10));

    private final List<List<Long>> calls = new ArrayList<>();

    @Test
    void wholeBatchIsOneCallSortedByAggregateAndVersion() throws Exception {
        Outcome outcome =
                apply(entries -> all(entries, ApplyResult.applied()), entry("b", 3), entry("a", 4), entry("b", 1));

        assertThat(calls).containsExactly(List.of(4L, 1L, 3L));
        assertThat(outcome.applied()).isEqualTo(3);
        assertThat(outcome.failures()).isEmpty();
    }

    @Test
    void oneBadEntryAmongAThousandCostsItselfOnlyAndFewCalls() throws Exception {
        ClaimedEntry[] entries =
                IntStream.rangeClosed(1, 1000).mapToObj(i -> entry("id" + i, i)).toArray(ClaimedEntry[]::new);

        Outcome outcome = apply(failingOn(Set.of(617L)), entries);

        assertThat(outcome.done()).hasSize(999);
        assertThat(outcome.failures()).extracting(f -> f.version().value()).containsExactly(617L);
        assertThat(calls.size()).isLessThanOrEqualTo(21);
    }

    @Test
    void laterEntriesOfAFailedAggregateAreNotTriedButBlocked() throws Exception {
        Outcome outcome =
                apply(failingOn(Set.of(2L)), entry("a", 1), entry("a", 2), entry("a", 3), entry("a", 4), entry("b", 5));

        assertThat(outcome.done()).extracting(e -> e.version().value()).containsExactlyInAnyOrder(1L, 5L);
        assertThat(outcome.failures())
                .extracting(f -> f.version().value(), Failure::state)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple(2L, State.BACKING_OFF),
                        org.assertj.core.groups.Tuple.tuple(3L, State.BLOCKED),
                        org.assertj.core.groups.Tuple.tuple(4L, State.BLOCKED));
    }

    @Test
    void storeFailureBreaksTheBatchOffAndCountsNothing() throws Exception {
        Outcome outcome = apply(
                entries -> {
                    throw new ConnectException("refused");
                },
                entry("a", 1),
                entry("b", 2));

        assertThat(calls).hasSize(1);
        assertThat(outcome.storeFailure()).isInstanceOf(ConnectException.class);
        assertThat(outcome.done()).isEmpty();
        assertThat(outcome.failures()).isEmpty();
    }

    @Test
    void wrongNumberOfResultsIsTheSinksFaultAndSettlesNothing() throws Exception {
        Outcome outcome = apply(entries -> List.of(ApplyResult.applied()), entry("a", 1), entry("b", 2));

        assertThat(outcome.storeFailure()).hasMessageContaining("1 results").hasMessageContaining("2 entries");
        assertThat(outcome.done()).isEmpty();
    }

    @Test
    void answerOfNullIsTheSinksFaultAndANullAmongTheAnswersItsEntrys() throws Exception {
        assertThat(apply(entries -> null, entry("a", 1)).storeFailure()).hasMessageContaining("null");

        Outcome outcome =
                apply(entries -> java.util.Arrays.asList(null, ApplyResult.applied()), entry("a", 1), entry("b", 2));

        assertThat(outcome.failures())
                .singleElement()
                .satisfies(f -> assertThat(f.version().value()).isEqualTo(1));
        assertThat(outcome.done())
                .singleElement()
                .satisfies(e -> assertThat(e.version().value()).isEqualTo(2));
    }

    @Test
    void lastAttemptMakesTheEntryDead() throws Exception {
        var applier = new BatchApplier(configured(failingOn(Set.of(1L))), new Random(1), false, BatchObserver.NONE);

        Outcome outcome = applier.apply(List.of(new Candidate(entry("a", 1), 2, Duration.ZERO)));

        assertThat(outcome.failures()).singleElement().satisfies(f -> {
            assertThat(f.state()).isEqualTo(State.DEAD);
            assertThat(f.attempts()).isEqualTo(3);
        });
    }

    @Test
    void newestOfEachAggregateStandsForTheOlderOnes() throws Exception {
        Outcome outcome = applyState(
                entries -> all(entries, ApplyResult.applied()),
                entry("b", 3),
                entry("a", 4),
                entry("b", 1),
                entry("b", 2));

        assertThat(calls).containsExactly(List.of(4L, 3L));
        assertThat(outcome.done()).hasSize(4);
        assertThat(outcome.applied()).isEqualTo(2);
        assertThat(outcome.coalesced()).isEqualTo(2);
        assertThat(outcome.stale()).isZero();
    }

    @Test
    void referenceOfANewerReleaseIsNotDoneByALaterOneOfAnOlderRelease() throws Exception {
        Sink older = entries -> entries.stream()
                .map(e -> e.schemaVersion() > 1 ? ApplyResult.unknown("version 2") : ApplyResult.applied())
                .toList();

        Outcome outcome = applyState(older, reference(1, 1), reference(2, 2), reference(3, 1));

        assertThat(outcome.done()).extracting(e -> e.version().value()).containsExactlyInAnyOrder(1L, 3L);
        assertThat(outcome.failures()).extracting(f -> f.version().value()).containsExactly(2L);
    }

    @Test
    void newestThatFailsDoesNotTakeTheOlderOnesWithIt() throws Exception {
        Outcome outcome = applyState(failingOn(Set.of(3L)), entry("a", 1), entry("a", 2), entry("a", 3), entry("b", 4));

        assertThat(outcome.done()).extracting(e -> e.version().value()).containsExactlyInAnyOrder(1L, 2L, 4L);
        assertThat(outcome.failures())
                .extracting(f -> f.version().value(), Failure::state)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(3L, State.BACKING_OFF));
    }

    @Test
    void oldestThatFailsIsWhatTheOthersWaitFor() throws Exception {
        Outcome outcome = applyState(failingOn(Set.of(1L, 2L, 3L)), entry("a", 1), entry("a", 2), entry("a", 3));

        assertThat(outcome.failures())
                .extracting(f -> f.version().value(), Failure::state)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1L, State.BACKING_OFF),
                        org.assertj.core.groups.Tuple.tuple(2L, State.BLOCKED),
                        org.assertj.core.groups.Tuple.tuple(3L, State.BLOCKED));
    }

    @Test
    void storeFailureLeavesAnAggregateWhoseOlderEntriesAreOpenAsItWas() throws Exception {
        Outcome outcome = applyState(
                entries -> {
                    if (entries.stream().anyMatch(e -> e.version().value() == 1)) {
                        throw new ConnectException("gone");
                    }
                    return failingOn(Set.of(2L)).apply(entries);
                },
                entry("a", 1),
                entry("a", 2),
                entry("b", 3));

        assertThat(outcome.storeFailure()).isInstanceOf(ConnectException.class);
        assertThat(outcome.done()).extracting(e -> e.version().value()).containsExactly(3L);
        assertThat(outcome.failures()).isEmpty();
    }

    @Test
    void answersOfAnAggregateThatIsLeftAsItWasAreNotCounted() throws Exception {
        Outcome outcome = applyState(
                entries -> {
                    if (entries.stream().anyMatch(e -> e.version().value() == 1)) {
                        throw new ConnectException("gone");
                    }
                    return entries.stream()
                            .map(e -> e.version().value() == 3 ? ApplyResult.applied() : ApplyResult.rejected("no"))
                            .toList();
                },
                entry("a", 1),
                entry("a", 2),
                entry("b", 3),
                entry("c", 4));

        assertThat(outcome.failures()).extracting(f -> f.version().value()).containsExactly(4L);
        assertThat(outcome.answers()).isEqualTo(new Answers(1, 0, 0, 1, 0, 0));
    }

    @Test
    void eachEntryIsDoneWhenItsOwnCallHadAnswered() throws Exception {
        var begun = new ArrayList<Long>();
        Outcome outcome = applyState(
                entries -> {
                    begun.add(System.nanoTime());
                    return failingOn(Set.of(3L)).apply(entries);
                },
                entry("a", 1),
                entry("a", 2),
                entry("b", 3),
                entry("c", 4));

        // All of them, a alone, b and c, b alone, c alone.
        assertThat(calls).containsExactly(List.of(2L, 3L, 4L), List.of(2L), List.of(3L, 4L), List.of(3L), List.of(4L));
        assertThat(outcome.done()).extracting(e -> e.version().value()).containsExactly(2L, 4L, 1L);
        long[] answered = outcome.doneNanos();
        assertThat(answered[0] - begun.get(1)).isNotNegative();
        assertThat(begun.get(2) - answered[0]).isNotNegative();
        assertThat(answered[1] - begun.get(4)).isNotNegative();
        assertThat(answered[2]).as("superfluous with the newer one").isEqualTo(answered[0]);
    }

    @Test
    void callThatIsNoAttemptIsToldAsBrokenOff() throws Exception {
        assertThat(brokenOff(false, new ConnectException("gone"))).containsExactly(true);
        assertThat(brokenOff(false, new java.util.concurrent.TimeoutException("10 s")))
                .containsExactly(true);
        assertThat(brokenOff(true, new java.util.concurrent.TimeoutException("10 s")))
                .containsExactly(false);
        assertThat(brokenOff(false, new IllegalArgumentException("bad entry"))).containsExactly(false);
        assertThat(brokenOff(false, null)).containsExactly(true);
    }

    /** Of each call for one entry that throws, or without a failure answers nothing. */
    private static List<Boolean> brokenOff(boolean loneTimeoutIsTheEntrys, @Nullable Exception failure)
            throws InterruptedException {
        var told = new ArrayList<Boolean>();
        Sink sink = entries -> {
            if (failure != null) {
                throw failure;
            }
            return List.of();
        };
        new BatchApplier(configured(sink), new Random(1), loneTimeoutIsTheEntrys, new BatchObserver() {
                    @Override
                    public CallObserver calling(CalledEntries entries) {
                        return new CallObserver() {
                            @Override
                            public void answered(List<ApplyResult> results) {}

                            @Override
                            public void failed(Throwable thrown, boolean brokenOff) {
                                told.add(brokenOff);
                            }
                        };
                    }

                    @Override
                    public void settled(SettledBatch batch) {}
                })
                .apply(fresh(List.of(entry("a", 1))));
        return told;
    }

    @Test
    void timeoutOfASingleEntryIsItsOwnOnlyIfTheStoreWorkedForOthers() throws Exception {
        Sink slow = entries -> {
            throw new java.util.concurrent.TimeoutException("10 s");
        };

        assertThat(applyState(slow, entry("a", 1)).storeFailure()).isNotNull();
        Outcome outcome = new BatchApplier(configured(slow), new Random(1), true, BatchObserver.NONE)
                .apply(fresh(List.of(entry("a", 1))));

        assertThat(outcome.storeFailure()).isNull();
        assertThat(outcome.failures()).extracting(Failure::attempts).containsExactly(1);
    }

    @Test
    void olderEntriesAreNotTriedBehindOneThatTookTooLong() throws Exception {
        Sink slow = entries -> {
            calls.add(entries.stream().map(e -> e.version().value()).toList());
            throw new java.util.concurrent.TimeoutException("10 s");
        };

        Outcome outcome = new BatchApplier(configured(slow), new Random(1), true, BatchObserver.NONE)
                .apply(fresh(List.of(entry("a", 1), entry("a", 2), entry("a", 3))));

        assertThat(calls).containsExactly(List.of(3L));
        assertThat(outcome.failures())
                .extracting(f -> f.version().value(), Failure::state)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1L, State.BACKING_OFF),
                        org.assertj.core.groups.Tuple.tuple(2L, State.BLOCKED),
                        org.assertj.core.groups.Tuple.tuple(3L, State.BLOCKED));
    }

    @Test
    void oldestBehindOneThatTookTooLongIsTriedBeforeItWouldBeDead() throws Exception {
        Sink slow = onlySlowFor(3);

        Outcome outcome = new BatchApplier(configured(slow), new Random(1), true, BatchObserver.NONE)
                .apply(List.of(
                        new Candidate(entry("a", 1), 2, Duration.ZERO),
                        new Candidate(entry("a", 2), 0, Duration.ZERO),
                        new Candidate(entry("a", 3), 0, Duration.ZERO)));

        assertThat(outcome.done()).extracting(e -> e.version().value()).contains(1L);
        assertThat(outcome.failures()).extracting(Failure::state).doesNotContain(State.DEAD);
    }

    @Test
    void timeoutOfOneAggregateCostsNoOtherAnAttempt() throws Exception {
        Sink slow = entries -> {
            if (entries.stream().anyMatch(e -> e.version().value() == 4)) {
                calls.add(List.of());
                throw new IllegalStateException("bad");
            }
            return onlySlowFor(2).apply(entries);
        };

        Outcome outcome = new BatchApplier(configured(slow), new Random(1), true, BatchObserver.NONE)
                .apply(fresh(List.of(entry("a", 1), entry("a", 2), entry("b", 3), entry("b", 4))));

        assertThat(outcome.done()).extracting(e -> e.version().value()).containsExactly(3L);
        assertThat(outcome.failures())
                .extracting(f -> f.version().value(), Failure::state, Failure::attempts)
                .contains(
                        org.assertj.core.groups.Tuple.tuple(1L, State.BACKING_OFF, 1),
                        org.assertj.core.groups.Tuple.tuple(4L, State.BACKING_OFF, 1));
    }

    private Sink onlySlowFor(long version) {
        return entries -> {
            calls.add(entries.stream().map(e -> e.version().value()).toList());
            if (entries.stream().anyMatch(e -> e.version().value() == version)) {
                throw new java.util.concurrent.TimeoutException("10 s");
            }
            return all(entries, ApplyResult.applied());
        };
    }

    @Test
    void unknownPayloadCostsNoAttemptAndIsDeadWhenItsGraceIsOver() throws Exception {
        Sink older = entries -> all(entries, ApplyResult.unknown("schema version 7, known up to 6"));
        var applier = new BatchApplier(configured(older), new Random(1), false, BatchObserver.NONE);

        Outcome first = applyState(older, entry("a", 1));
        Outcome last = applier.apply(List.of(new Candidate(entry("a", 1), 0, Duration.ofMinutes(10))));

        assertThat(first.failures()).singleElement().satisfies(f -> {
            assertThat(f.state()).isEqualTo(State.BACKING_OFF);
            assertThat(f.attempts()).isZero();
            assertThat(f.delay()).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1));
        });
        assertThat(last.failures()).singleElement().satisfies(f -> {
            assertThat(f.state()).isEqualTo(State.DEAD);
            assertThat(f.errorMessage()).contains("schema version 7");
        });
    }

    @Test
    void whateverFailsEveryEntryHasExactlyOneOutcome() throws Exception {
        long seed = Long.getLong("dualwrite.seed", System.nanoTime());
        var random = new Random(seed);
        for (int run = 0; run < 500; run++) {
            int size = 1 + random.nextInt(40);
            var bad = new HashSet<Long>();
            var entries = new ArrayList<ClaimedEntry>();
            for (long i = 1; i <= size; i++) {
                entries.add(entry("id" + random.nextInt(8), i));
                if (random.nextInt(6) == 0) {
                    bad.add(i);
                }
            }
            Sink sink = random.nextBoolean() ? new Log(failingOn(bad)) : failingOn(bad);
            Outcome outcome =
                    new BatchApplier(configured(sink), random, false, BatchObserver.NONE).apply(fresh(entries));

            var seen = new ArrayList<Long>();
            outcome.done().forEach(e -> seen.add(e.version().value()));
            outcome.failures().forEach(f -> seen.add(f.version().value()));
            assertThat(seen)
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(
                            entries.stream().map(e -> e.version().value()).toList());
            for (Failure failure : outcome.failures()) {
                assertThat(
                                failure.state() == State.BACKING_OFF
                                        ? bad.contains(failure.version().value())
                                        : true)
                        .as("seed %d: %s", seed, failure)
                        .isTrue();
            }
        }
    }

    private Outcome apply(Sink sink, ClaimedEntry... entries) throws InterruptedException {
        return new BatchApplier(configured(new Log(recording(sink))), new Random(1), false, BatchObserver.NONE)
                .apply(fresh(List.of(entries)));
    }

    private Outcome applyState(Sink sink, ClaimedEntry... entries) throws InterruptedException {
        return new BatchApplier(configured(recording(sink)), new Random(1), false, BatchObserver.NONE)
                .apply(fresh(List.of(entries)));
    }

    private static ConfiguredSink configured(Sink sink) {
        return new ConfiguredSink("copy", (short) 1, sink, POLICY, Duration.ofSeconds(1));
    }

    private Sink recording(Sink sink) {
        return batch -> {
            calls.add(batch.stream().map(e -> e.version().value()).toList());
            return sink.apply(batch);
        };
    }

    private static List<Candidate> fresh(List<ClaimedEntry> entries) {
        return entries.stream().map(Candidate::fresh).toList();
    }

    /** A sink for which every entry counts. */
    private record Log(Sink sink) implements Sink {
        @Override
        public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
            return sink.apply(entries);
        }

        @Override
        public boolean keepsEveryEntry() {
            return true;
        }
    }

    private static Sink failingOn(Set<Long> bad) {
        return entries -> {
            if (entries.stream().anyMatch(e -> bad.contains(e.version().value()))) {
                throw new IllegalArgumentException("bad entry");
            }
            return all(entries, ApplyResult.applied());
        };
    }

    private static List<ApplyResult> all(List<ClaimedEntry> entries, ApplyResult result) {
        return entries.stream().map(e -> result).toList();
    }

    private static ClaimedEntry reference(long version, int schemaVersion) {
        return new ClaimedEntry(
                new Version(version),
                0,
                new Aggregate("order", "a"),
                Operation.REFERENCE,
                null,
                "order",
                schemaVersion,
                Map.of(),
                Instant.EPOCH);
    }

    private static ClaimedEntry entry(String id, long version) {
        return new ClaimedEntry(
                new Version(version),
                0,
                new Aggregate("order", id),
                Operation.DELETE,
                null,
                "order",
                1,
                Map.of(),
                Instant.EPOCH);
    }
}
