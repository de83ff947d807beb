package dev.dualwrite.testkit;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Sink} has to do, as tests: extend this class for a sink of your own, on a real store.
 *
 * <p>Each test uses aggregates of its own, so the store need not be emptied. A rule that the sink does not claim
 * ({@link #features()}), or that needs something the subclass does not give ({@link #badPayload()},
 * {@link #failingPayload()}, {@link #stall()}), is skipped with that reason.
 *
 * <p>The methods to override are called on the thread of the test; the sink is called on that and on others.
 */
@Timeout(value = 5, unit = MINUTES)
public abstract class SinkContract {

    private static final int ROUNDS = 50;

    private final String run = UUID.randomUUID().toString();
    private int named;

    /** Each test makes its aggregates anew. */
    protected SinkContract() {}

    /** The sink under test. Called at least once a test; each call may give another sink, on the same store. */
    protected abstract Sink sink() throws Exception;

    /** Reads, past the sink, the state that the secondary holds for an aggregate; empty if it is absent there. */
    protected abstract Optional<String> held(Aggregate aggregate) throws Exception;

    /** A payload that the sink understands and that holds this state, a short text of letters and digits. */
    protected abstract byte[] payload(String state);

    /** What the sink claims; everything unless overridden. */
    protected Set<SinkFeature> features() {
        return EnumSet.allOf(SinkFeature.class);
    }

    /**
     * The aggregate of a name: a name gives the same aggregate always, two names two aggregates. Override it if the
     * store's keys are no texts, or the sink takes one type of aggregate only.
     */
    protected Aggregate aggregate(String name) {
        return Aggregate.of("contract", name);
    }

    /** The logical type name of {@link #payload}; {@code contract} unless overridden. */
    protected String payloadType() {
        return "contract";
    }

    /** A payload for which the sink answers {@link ApplyResult#rejected}. */
    protected Optional<byte[]> badPayload() {
        return Optional.empty();
    }

    /** A payload for which a call with several entries throws. */
    protected Optional<byte[]> failingPayload() {
        return Optional.empty();
    }

    /** Makes the store not answer until the returned object is closed: locks the table, stops the server's process. */
    protected Optional<AutoCloseable> stall() throws Exception {
        return Optional.empty();
    }

    /** How long a call may take, interrupted or not: {@code dualwrite.relay.sink-timeout}, 10 s unless overridden. */
    protected Duration patience() {
        return Duration.ofSeconds(10);
    }

    @Test
    void appliedEntryIsVisibleWhenApplyHasReturned() throws Exception {
        Aggregate aggregate = next();

        List<ApplyResult> results = sink().apply(List.of(upsert(aggregate, 1, "a")));

        assertThat(results).as("results of one upsert of " + aggregate).containsExactly(ApplyResult.applied());
        assertHolds(aggregate, "a");
    }

    @Test
    void everyEntryGetsOneResultInTheOrderOfTheBatch() throws Exception {
        assumeClaimed(SinkFeature.GUARDED_BY_VERSION);
        List<Aggregate> aggregates = Stream.generate(this::next).limit(4).toList();
        Sink sink = sink();
        ClaimedEntry newer = upsert(aggregates.get(0), 9, "newer");
        sink.apply(List.of(newer));

        List<ClaimedEntry> batch = batch(aggregates.stream().map(a -> upsert(a, 5, "batch")));
        List<ApplyResult> results = sink.apply(batch);

        assertThat(results)
                .as("results of %s, while the store holds %s", batch, newer)
                .containsExactlyElementsOf(batch.stream()
                        .map(e -> e.aggregate().equals(newer.aggregate()) ? ApplyResult.stale() : ApplyResult.applied())
                        .toList());
    }

    @Test
    void sameBatchTwiceHasItsEffectOnce() throws Exception {
        Aggregate kept = next();
        Aggregate deleted = next();
        Sink sink = sink();
        sink.apply(List.of(upsert(deleted, 1, "a")));
        List<ClaimedEntry> batch = batch(Stream.of(upsert(kept, 2, "b"), delete(deleted, 3)));

        assertTaken(batch, sink.apply(batch));
        assertTaken(batch, sink.apply(batch));

        assertHolds(kept, "b");
        assertAbsent(deleted);
    }

    @Test
    void olderUpsertAfterANewerOneIsStale() throws Exception {
        assumeClaimed(SinkFeature.GUARDED_BY_VERSION);
        Aggregate aggregate = next();
        Sink sink = sink();
        sink.apply(List.of(upsert(aggregate, 2, "newer")));

        assertStale(sink, upsert(aggregate, 1, "older"));

        assertHolds(aggregate, "newer");
    }

    @Test
    void olderDeletionAfterANewerUpsertIsStale() throws Exception {
        assumeClaimed(SinkFeature.GUARDED_BY_VERSION);
        Aggregate aggregate = next();
        Sink sink = sink();
        sink.apply(List.of(upsert(aggregate, 2, "newer")));

        assertStale(sink, delete(aggregate, 1));

        assertHolds(aggregate, "newer");
    }

    @Test
    void olderUpsertAfterADeletionIsStale() throws Exception {
        assumeClaimed(SinkFeature.REMEMBERS_DELETIONS);
        Aggregate aggregate = next();
        Sink sink = sink();
        sink.apply(List.of(upsert(aggregate, 1, "a")));
        sink.apply(List.of(delete(aggregate, 3)));

        assertStale(sink, upsert(aggregate, 2, "older"));

        assertAbsent(aggregate);
    }

    @Test
    void newerUpsertAfterADeletionIsBack() throws Exception {
        Aggregate aggregate = next();
        Sink sink = sink();
        sink.apply(List.of(upsert(aggregate, 1, "a")));
        sink.apply(List.of(delete(aggregate, 2)));

        List<ApplyResult> results = sink.apply(List.of(upsert(aggregate, 3, "back")));

        assertThat(results).as("results of an upsert newer than the deletion").containsExactly(ApplyResult.applied());
        assertHolds(aggregate, "back");
    }

    @Test
    void newestOfSeveralEntriesOfOneAggregateInOneBatchWins() throws Exception {
        Aggregate kept = next();
        Aggregate deleted = next();
        Aggregate back = next();
        List<ClaimedEntry> batch = batch(Stream.of(
                upsert(kept, 1, "a"),
                upsert(kept, 2, "b"),
                upsert(kept, 3, "c"),
                upsert(deleted, 4, "a"),
                delete(deleted, 5),
                delete(back, 6),
                upsert(back, 7, "back")));

        assertTaken(batch, sink().apply(batch));

        assertHolds(kept, "c");
        assertAbsent(deleted);
        assertHolds(back, "back");
    }

    @Test
    void deletionOfAnAbsentAggregateIsTaken() throws Exception {
        List<ClaimedEntry> batch = List.of(delete(next(), 1));

        assertTaken(batch, sink().apply(batch));

        assertAbsent(batch.get(0).aggregate());
    }

    @Test
    void awkwardIdsAreTakenAndStayApart() throws Exception {
        assumeClaimed(SinkFeature.TAKES_ANY_ID);
        List<Aggregate> aggregates =
                AwkwardIds.with(run).stream().map(this::aggregate).toList();
        List<ClaimedEntry> batch = batch(
                IntStream.range(0, aggregates.size()).mapToObj(i -> upsert(aggregates.get(i), i + 1L, "state" + i)));

        assertTaken(batch, sink().apply(batch));

        for (int i = 0; i < aggregates.size(); i++) {
            assertHolds(aggregates.get(i), "state" + i);
        }
    }

    @Test
    void batchOfAThousandEntriesIsApplied() throws Exception {
        List<Aggregate> aggregates = Stream.generate(this::next).limit(1_000).toList();
        List<ClaimedEntry> batch = batch(
                IntStream.range(0, aggregates.size()).mapToObj(i -> upsert(aggregates.get(i), i + 1L, "state" + i)));

        assertTaken(batch, sink().apply(batch));

        for (int i = 0; i < aggregates.size(); i++) {
            assertHolds(aggregates.get(i), "state" + i);
        }
    }

    @Test
    void twoShardsAppliedAtOnceDoNotDisturbEachOther() throws Exception {
        List<Aggregate> one = ofShard(3);
        List<Aggregate> two = ofShard(7);
        Sink sink = sink();

        for (int round = 0; round < ROUNDS; round++) {
            List<ClaimedEntry> ofOne = round(one, round);
            List<ClaimedEntry> ofTwo = round(two, round);

            Race.run(
                    patience(),
                    () -> assertTaken(ofOne, sink.apply(ofOne)),
                    () -> assertTaken(ofTwo, sink.apply(ofTwo)));

            assertHolds(one.get(1), "round" + round);
            assertHolds(two.get(1), "round" + round);
        }
        for (List<Aggregate> shard : List.of(one, two)) {
            assertAbsent(shard.get(0));
            for (Aggregate aggregate : shard.subList(1, shard.size())) {
                assertHolds(aggregate, "round" + (ROUNDS - 1));
            }
        }
    }

    @Test
    void badPayloadIsRejectedForItsEntryOnly() throws Exception {
        byte[] bad = given(badPayload(), "badPayload()");
        List<Aggregate> aggregates = Stream.generate(this::next).limit(3).toList();
        Aggregate spoilt = aggregates.get(1);
        List<ClaimedEntry> batch = batch(
                aggregates.stream().map(a -> a.equals(spoilt) ? entries().upsert(a, 1, bad) : upsert(a, 1, "good")));

        List<ApplyResult> results = sink().apply(batch);

        assertThat(results)
                .as("results of %s, where %s has a bad payload", batch, spoilt)
                .hasSameSizeAs(batch);
        for (int i = 0; i < batch.size(); i++) {
            if (batch.get(i).aggregate().equals(spoilt)) {
                assertThat(results.get(i))
                        .as("result of the bad payload of %s", spoilt)
                        .isInstanceOf(ApplyResult.Rejected.class);
                assertAbsent(spoilt);
            } else {
                assertThat(results.get(i)).as("result of %s", batch.get(i)).isEqualTo(ApplyResult.applied());
                assertHolds(batch.get(i).aggregate(), "good");
            }
        }
    }

    @Test
    void callThatThrowsHasChangedNothing() throws Exception {
        assumeClaimed(SinkFeature.TRANSACTIONAL);
        byte[] failing = given(failingPayload(), "failingPayload()");
        Aggregate changed = next();
        Aggregate deleted = next();
        Sink sink = sink();
        sink.apply(batch(Stream.of(upsert(changed, 1, "before"), upsert(deleted, 2, "before"))));
        List<ClaimedEntry> batch = batch(Stream.of(
                upsert(changed, 3, "after"), delete(deleted, 4), entries().upsert(next(), 5, failing)));

        assertThatThrownBy(() -> sink.apply(batch))
                .as("apply of %s, the last with the failing payload", batch)
                .isInstanceOf(Exception.class);

        assertHolds(changed, "before");
        assertHolds(deleted, "before");
    }

    @Test
    void interruptedCallEnds() throws Exception {
        Sink sink = sink();
        List<ClaimedEntry> batch = List.of(upsert(next(), 1, "a"));
        // With a store that does not answer the call cannot but wait; without, the interrupt comes before it begins.
        Optional<AutoCloseable> stall = stall();
        Thread call = Race.thread(() -> {
            try {
                if (stall.isEmpty()) {
                    Thread.currentThread().interrupt();
                }
                sink.apply(batch);
            } catch (Exception e) {
                // How it ends is the sink's business, with results or with an exception: it has ended.
            }
        });

        call.start();
        call.interrupt();
        call.join(patience().toMillis());
        boolean ended = !call.isAlive();
        if (stall.isPresent()) {
            stall.get().close();
        }

        assertThat(ended)
                .as("an interrupted call of the sink ended within %s", patience())
                .isTrue();
    }

    @Test
    void newerUpsertWinsAgainstAnOlderUpsertAtTheSameTime() throws Exception {
        assumeClaimed(SinkFeature.GUARDED_BY_VERSION);
        for (int round = 0; round < ROUNDS; round++) {
            Aggregate aggregate = next();

            race(upsert(aggregate, 1, "zombie"), upsert(aggregate, 2, "newest"));

            assertHolds(aggregate, "newest");
        }
    }

    @Test
    void deletionWinsAgainstAnOlderUpsertAtTheSameTime() throws Exception {
        assumeClaimed(SinkFeature.GUARDED_BY_VERSION);
        assumeClaimed(SinkFeature.REMEMBERS_DELETIONS);
        for (int round = 0; round < ROUNDS; round++) {
            Aggregate aggregate = next();

            race(upsert(aggregate, 1, "zombie"), delete(aggregate, 2));

            assertAbsent(aggregate);
        }
    }

    @Test
    void newerUpsertWinsAgainstAnOlderDeletionAtTheSameTime() throws Exception {
        assumeClaimed(SinkFeature.GUARDED_BY_VERSION);
        for (int round = 0; round < ROUNDS; round++) {
            Aggregate aggregate = next();
            sink().apply(List.of(upsert(aggregate, 1, "before")));

            race(delete(aggregate, 2), upsert(aggregate, 3, "newest"));

            assertHolds(aggregate, "newest");
        }
    }

    /** A holder and a zombie: two sinks, one store, the same aggregate. */
    private void race(ClaimedEntry older, ClaimedEntry newer) throws Exception {
        Sink zombie = sink();
        Sink holder = sink();
        Race.run(
                patience(),
                Race.withRetries(() -> zombie.apply(List.of(older))),
                Race.withRetries(() -> holder.apply(List.of(newer))));
    }

    /** Every round changes all and deletes the first. */
    private List<ClaimedEntry> round(List<Aggregate> aggregates, int round) {
        Aggregate deleted = aggregates.get(0);
        return batch(aggregates.stream()
                .map(a -> a.equals(deleted) ? delete(a, round + 1L) : upsert(a, round + 1L, "round" + round)));
    }

    private List<Aggregate> ofShard(int shard) {
        var found = new ArrayList<Aggregate>();
        for (int tries = 0; found.size() < 20; tries++) {
            assertThat(tries)
                    .as("names tried for 20 aggregates of shard %d", shard)
                    .isLessThan(100_000);
            Aggregate candidate = next();
            if (candidate.shard(ContractEntries.SHARDS) == shard) {
                found.add(candidate);
            }
        }
        return found;
    }

    private Aggregate next() {
        return aggregate(run + "-" + named++);
    }

    private ContractEntries entries() {
        return new ContractEntries(payloadType());
    }

    private ClaimedEntry upsert(Aggregate aggregate, long sequence, String state) {
        return entries().upsert(aggregate, sequence, payload(state));
    }

    private ClaimedEntry delete(Aggregate aggregate, long sequence) {
        return entries().delete(aggregate, sequence);
    }

    private static List<ClaimedEntry> batch(Stream<ClaimedEntry> entries) {
        return ContractEntries.batch(entries);
    }

    private void assertHolds(Aggregate aggregate, String state) throws Exception {
        assertThat(held(aggregate))
                .as("what the secondary holds for %s", aggregate)
                .contains(state);
    }

    private void assertAbsent(Aggregate aggregate) throws Exception {
        assertThat(held(aggregate))
                .as("what the secondary holds for %s", aggregate)
                .isEmpty();
    }

    private static void assertStale(Sink sink, ClaimedEntry older) throws Exception {
        assertThat(sink.apply(List.of(older)))
                .as("result of %s, which is too late", older)
                .containsExactly(ApplyResult.stale());
    }

    /** One result an entry, each applied or stale: of two entries of one aggregate, or the second time, either is right. */
    private static void assertTaken(List<ClaimedEntry> batch, List<ApplyResult> results) {
        assertThat(results).as("results of %d entries", batch.size()).hasSameSizeAs(batch);
        for (int i = 0; i < batch.size(); i++) {
            assertThat(results.get(i))
                    .as("result of %s", batch.get(i))
                    .isIn(ApplyResult.applied(), ApplyResult.stale());
        }
    }

    private void assumeClaimed(SinkFeature feature) {
        assumeTrue(features().contains(feature), () -> "features() leaves out " + feature);
    }

    private static byte[] given(Optional<byte[]> payload, String method) {
        assumeTrue(payload.isPresent(), () -> method + " gives none");
        return payload.get();
    }
}
