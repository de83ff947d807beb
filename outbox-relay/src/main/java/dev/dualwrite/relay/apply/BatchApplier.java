package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.jdbc.Failure;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.observe.BatchObserver;
import dev.dualwrite.relay.observe.CallObserver;
import dev.dualwrite.relay.observe.CalledEntries;
import dev.dualwrite.relay.retry.FailureClassifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Applies one batch to a sink, and says for each entry what became of it. Confined to one thread; for one batch only.
 *
 * <p>Unless the sink keeps every entry, only the newest entry of each aggregate is sent: it is full state, and its success
 * makes the older ones superfluous. Where the newest fails, the next older one is tried, so nothing that could have been applied
 * is lost to a bad successor.
 *
 * <p>A call that throws is halved until the entry at fault is alone, so one bad entry costs about 2 log2(n) calls and holds up
 * nobody else. Halves are tried in order, and once an entry of an aggregate is held, later ones of it are not tried.
 */
final class BatchApplier {

    /** Two lanes that write the same secondary rows in different orders would deadlock there. */
    private static final Comparator<Candidate> BY_AGGREGATE = Comparator.comparing(
                    (Candidate c) -> c.aggregate().type())
            .thenComparing(c -> c.aggregate().id())
            .thenComparing(c -> c.entry().version());

    private final Sink sink;
    private final BatchObserver observer;
    private final Verdicts verdicts;
    private final boolean loneTimeoutIsTheEntrys;

    private final List<ClaimedEntry> done = new ArrayList<>();
    private final Map<Aggregate, TreeMap<Long, Failure>> held = new HashMap<>();
    private int applied;
    private int coalesced;
    private final Refusals refusals = new Refusals();
    private long[] doneNanos = new long[16];
    private final Map<Aggregate, Exception> loneTimeouts = new HashMap<>();

    /**
     * For one batch.
     *
     * @param loneTimeoutIsTheEntrys whether a timeout of a single entry is its own failure: the store has worked for others since
     *     the same happened to it before
     * @param observer is told of each call
     */
    BatchApplier(ConfiguredSink sink, RandomGenerator random, boolean loneTimeoutIsTheEntrys, BatchObserver observer) {
        this.sink = sink.sink();
        this.observer = observer;
        this.verdicts = new Verdicts(sink.retry(), random);
        this.loneTimeoutIsTheEntrys = loneTimeoutIsTheEntrys;
    }

    /**
     * Applies the entries.
     *
     * @throws InterruptedException if the sink's call was interrupted: the relay stops, nothing is known of the batch
     */
    Outcome apply(List<Candidate> candidates) throws InterruptedException {
        List<Candidate> sorted = candidates.stream().sorted(BY_AGGREGATE).toList();
        Exception storeFailure = sink.keepsEveryEntry() ? attempt(sorted) : attemptNewest(sorted);
        var failures = new ArrayList<Failure>();
        held.values().forEach(ofOne -> failures.addAll(ofOne.values()));
        int stale = done.size() - applied - coalesced;
        return new Outcome(done, failures, applied, coalesced, refusals.with(applied, stale), doneNanos, storeFailure);
    }

    /** In rounds: the newest of each aggregate, then of those whose newest failed the next older one. */
    private @Nullable Exception attemptNewest(List<Candidate> sorted) throws InterruptedException {
        List<Candidate> open = sorted;
        while (!open.isEmpty()) {
            var newest = new ArrayList<Candidate>();
            var older = new ArrayList<Candidate>();
            for (int i = 0; i < open.size(); i++) {
                boolean last = i + 1 == open.size()
                        || !open.get(i + 1).aggregate().equals(open.get(i).aggregate());
                (last ? newest : older).add(open.get(i));
            }
            int doneBefore = done.size();
            Exception storeFailure = attempt(newest);
            List<Candidate> left = withoutCoalesced(older, doneBefore);
            if (storeFailure != null) {
                // Older entries of an aggregate must not meet a newer one that is held already: all stay where they
                // are.
                left.forEach(this::leave);
                newest.stream().filter(c -> isOpen(c, doneBefore)).forEach(this::leave);
                return storeFailure;
            }
            open = withoutThoseBehindATimeout(left);
        }
        return null;
    }

    private void leave(Candidate candidate) {
        held.remove(candidate.aggregate());
        refusals.forget(candidate.aggregate());
    }

    private void done(ClaimedEntry entry, long answeredNanos) {
        if (done.size() == doneNanos.length) {
            doneNanos = Arrays.copyOf(doneNanos, 2 * doneNanos.length);
        }
        doneNanos[done.size()] = answeredNanos;
        done.add(entry);
    }

    /**
     * Behind one that took too long each older entry of its aggregate might take as long, and the lane would do nothing else: the
     * attempt is the oldest one's. Before that would be its last, they are tried.
     */
    private List<Candidate> withoutThoseBehindATimeout(List<Candidate> older) {
        var open = new ArrayList<Candidate>();
        var spared = new HashSet<Aggregate>();
        for (Candidate candidate : older) {
            Exception timeout = loneTimeouts.get(candidate.aggregate());
            boolean oldest = spared.add(candidate.aggregate());
            if (timeout == null) {
                open.add(candidate);
            } else if (oldest && verdicts.failed(candidate, timeout).state() == Failure.State.DEAD) {
                loneTimeouts.remove(candidate.aggregate());
                open.add(candidate);
            } else {
                hold(candidate, verdicts.failed(candidate, timeout));
            }
        }
        return open;
    }

    /** Nothing became of it, and a newer one of its aggregate is held. */
    private boolean isOpen(Candidate candidate, int doneBefore) {
        TreeMap<Long, Failure> ofOne = held.get(candidate.aggregate());
        return ofOne != null
                && !ofOne.containsKey(candidate.entry().version().value())
                && !done.subList(doneBefore, done.size()).contains(candidate.entry());
    }

    private List<Candidate> withoutCoalesced(List<Candidate> older, int doneBefore) {
        if (older.isEmpty()) {
            return older;
        }
        var doneNow = new HashMap<Aggregate, Integer>();
        for (int i = doneBefore; i < done.size(); i++) {
            doneNow.put(done.get(i).aggregate(), i);
        }
        var left = new ArrayList<Candidate>();
        for (Candidate candidate : older) {
            Integer newer = doneNow.get(candidate.aggregate());
            if (newer != null && !isOfANewerRelease(candidate.entry(), done.get(newer))) {
                done(candidate.entry(), doneNanos[newer]);
                coalesced++;
            } else {
                left.add(candidate);
            }
        }
        return left;
    }

    /** What an older release loaded for its own reference may lack what a newer one wrote before: that is loaded for itself. */
    private static boolean isOfANewerRelease(ClaimedEntry entry, ClaimedEntry newer) {
        return entry.operation() == Operation.REFERENCE && entry.schemaVersion() > newer.schemaVersion();
    }

    private @Nullable Exception attempt(List<Candidate> candidates) throws InterruptedException {
        List<Candidate> open = withoutHeld(candidates);
        if (open.isEmpty()) {
            return null;
        }
        List<ApplyResult> results;
        try {
            results = call(open);
        } catch (InterruptedException e) {
            throw e;
        } catch (NoAnswerException e) {
            return e;
        } catch (Exception e) {
            return failed(open, e);
        } catch (StackOverflowError | LinkageError | AssertionError e) {
            // What one payload can provoke must not stop every lane, here and at the next holder.
            return failed(open, new IllegalStateException("sink threw " + e, e));
        }
        long answeredNanos = System.nanoTime();
        for (int i = 0; i < open.size(); i++) {
            record(open.get(i), results.get(i), answeredNanos);
        }
        return null;
    }

    private List<ApplyResult> call(List<Candidate> open) throws Exception {
        CallObserver call = observer.calling(new Called(open));
        List<ApplyResult> results;
        try {
            results = sink.apply(open.stream().map(Candidate::entry).toList());
            check(results, open.size());
        } catch (Exception | Error e) {
            call.failed(e, !isOfTheEntries(open, e));
            throw e;
        }
        call.answered(results);
        return results;
    }

    /** Whether it says something of the entries: not of the store as a whole, not of the sink, not of this relay, which stops. */
    private boolean isOfTheEntries(List<Candidate> open, Throwable failure) {
        if (failure instanceof StackOverflowError
                || failure instanceof LinkageError
                || failure instanceof AssertionError) {
            return true;
        }
        return failure instanceof Exception thrown
                && !(thrown instanceof InterruptedException)
                && !(thrown instanceof NoAnswerException)
                && !Thread.currentThread().isInterrupted()
                && (isItsOwnTimeout(open, thrown) || !FailureClassifier.isStoreFailure(thrown));
    }

    private boolean isItsOwnTimeout(List<Candidate> open, Exception failure) {
        return open.size() == 1 && loneTimeoutIsTheEntrys && FailureClassifier.isTimeout(failure);
    }

    /** A broken sink, not a broken entry: setting entries aside would not help. */
    private static void check(@Nullable List<ApplyResult> results, int entries) {
        if (results == null) {
            throw new NoAnswerException("sink answered null, expected a list of " + entries + " results");
        }
        if (results.size() != entries) {
            throw new NoAnswerException(
                    "sink answered " + results.size() + " results, expected one for each of " + entries + " entries");
        }
    }

    private @Nullable Exception failed(List<Candidate> candidates, Exception failure) throws InterruptedException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedException("interrupted while applying " + candidates.size() + " entries");
        }
        boolean alone = candidates.size() == 1;
        if (isItsOwnTimeout(candidates, failure)) {
            loneTimeouts.put(candidates.get(0).aggregate(), failure);
            refusals.failed(candidates.get(0).aggregate());
            hold(candidates.get(0), verdicts.failed(candidates.get(0), failure));
            return null;
        }
        if (FailureClassifier.isStoreFailure(failure)) {
            return failure;
        }
        if (alone) {
            refusals.failed(candidates.get(0).aggregate());
            hold(candidates.get(0), verdicts.failed(candidates.get(0), failure));
            return null;
        }
        int middle = candidates.size() / 2;
        Exception storeFailure = attempt(candidates.subList(0, middle));
        return storeFailure != null ? storeFailure : attempt(candidates.subList(middle, candidates.size()));
    }

    /** Where every entry is sent: what comes behind a held entry of its aggregate waits. */
    private List<Candidate> withoutHeld(List<Candidate> candidates) {
        if (held.isEmpty() || !sink.keepsEveryEntry()) {
            return candidates;
        }
        var open = new ArrayList<Candidate>(candidates.size());
        for (Candidate candidate : candidates) {
            if (held.containsKey(candidate.aggregate())) {
                hold(candidate, Failure.blocked(candidate.entry().version()));
            } else {
                open.add(candidate);
            }
        }
        return open;
    }

    private void record(Candidate candidate, @Nullable ApplyResult result, long answeredNanos) {
        if (result instanceof ApplyResult.Applied) {
            done(candidate.entry(), answeredNanos);
            applied++;
        } else if (result instanceof ApplyResult.Stale) {
            done(candidate.entry(), answeredNanos);
        } else {
            refusals.answered(candidate.aggregate(), result);
            hold(candidate, verdicts.refused(candidate, result));
        }
    }

    /** The oldest entry of an aggregate that failed is what the others wait for. */
    private void hold(Candidate candidate, Failure failure) {
        TreeMap<Long, Failure> ofOne = held.computeIfAbsent(candidate.aggregate(), a -> new TreeMap<>());
        ofOne.put(candidate.entry().version().value(), failure);
        long oldest = ofOne.firstKey();
        ofOne.replaceAll((version, known) -> version == oldest ? known : Failure.blocked(known.version()));
    }

    /** The sink gave something that is no answer. */
    private static final class NoAnswerException extends IllegalStateException {
        private static final long serialVersionUID = 1;

        NoAnswerException(String message) {
            super(message);
        }
    }

    /** What an observer sees of a call. */
    private record Called(List<Candidate> candidates) implements CalledEntries {
        @Override
        public int size() {
            return candidates.size();
        }

        @Override
        public ClaimedEntry entry(int index) {
            return candidates.get(index).entry();
        }

        @Override
        public int attempt(int index) {
            return candidates.get(index).attempts() + 1;
        }
    }
}
