package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.jdbc.Failure;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.retry.Backoff;
import dev.dualwrite.relay.retry.FailureClassifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Applies one batch to a sink, and says for each entry what became of it. Confined to one thread; for one batch only.
 *
 * <p>A call that throws is halved until the entry at fault is alone, so one bad entry costs about 2 log2(n) calls and holds
 * up nobody else. Halves are tried in order, and once an entry of an aggregate is held, later ones of it are not tried.
 */
final class BatchApplier {

    /** Two lanes that write the same secondary rows in different orders would deadlock there. */
    private static final Comparator<ClaimedEntry> BY_AGGREGATE = Comparator.comparing(
                    (ClaimedEntry e) -> e.aggregate().type())
            .thenComparing(e -> e.aggregate().id())
            .thenComparing(ClaimedEntry::version);

    private final Sink sink;
    private final RetryPolicy policy;
    private final RandomGenerator random;
    private final ToIntFunction<ClaimedEntry> attemptsBefore;

    private final List<ClaimedEntry> done = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private final Set<Aggregate> held = new HashSet<>();
    private int applied;

    /**
     * How often an entry is tried.
     *
     * @param maxAttempts from 1; then the entry is dead
     */
    record RetryPolicy(int maxAttempts, Backoff backoff) {}

    BatchApplier(Sink sink, RetryPolicy policy, RandomGenerator random, ToIntFunction<ClaimedEntry> attemptsBefore) {
        this.sink = sink;
        this.policy = policy;
        this.random = random;
        this.attemptsBefore = attemptsBefore;
    }

    /**
     * Applies the entries.
     *
     * @throws InterruptedException if the sink's call was interrupted: the relay stops, nothing is known of the batch
     */
    Outcome apply(List<ClaimedEntry> entries) throws InterruptedException {
        @Nullable
        Exception storeFailure = attempt(entries.stream().sorted(BY_AGGREGATE).toList());
        return new Outcome(done, failures, applied, storeFailure);
    }

    private @Nullable Exception attempt(List<ClaimedEntry> entries) throws InterruptedException {
        List<ClaimedEntry> open = withoutHeld(entries);
        if (open.isEmpty()) {
            return null;
        }
        List<ApplyResult> results;
        try {
            results = sink.apply(open);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return failed(open, e);
        } catch (StackOverflowError | LinkageError | AssertionError e) {
            // What one payload can provoke must not stop every lane, here and at the next holder.
            return failed(open, new IllegalStateException("sink threw " + e, e));
        }
        if (results == null) {
            return new IllegalStateException("sink answered null, expected a list of " + open.size() + " results");
        }
        if (results.size() != open.size()) {
            // A broken sink, not a broken entry: setting entries aside would not help.
            return new IllegalStateException("sink answered " + results.size() + " results, expected one for each of "
                    + open.size() + " entries");
        }
        for (int i = 0; i < open.size(); i++) {
            record(open.get(i), results.get(i));
        }
        return null;
    }

    private @Nullable Exception failed(List<ClaimedEntry> entries, Exception failure) throws InterruptedException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedException("interrupted while applying " + entries.size() + " entries");
        }
        if (FailureClassifier.isStoreFailure(failure)) {
            return failure;
        }
        if (entries.size() == 1) {
            fail(entries.get(0), failure);
            return null;
        }
        int middle = entries.size() / 2;
        @Nullable Exception storeFailure = attempt(entries.subList(0, middle));
        return storeFailure != null ? storeFailure : attempt(entries.subList(middle, entries.size()));
    }

    private List<ClaimedEntry> withoutHeld(List<ClaimedEntry> entries) {
        if (held.isEmpty()) {
            return entries;
        }
        var open = new ArrayList<ClaimedEntry>(entries.size());
        for (ClaimedEntry entry : entries) {
            if (held.contains(entry.aggregate())) {
                failures.add(Failure.blocked(entry.version()));
            } else {
                open.add(entry);
            }
        }
        return open;
    }

    private void record(ClaimedEntry entry, @Nullable ApplyResult result) {
        if (result == null) {
            fail(entry, new IllegalStateException("sink answered null for this entry, expected a result"));
        } else if (result instanceof ApplyResult.Applied) {
            done.add(entry);
            applied++;
        } else if (result instanceof ApplyResult.Stale) {
            done.add(entry);
        } else if (held.contains(entry.aggregate())) {
            failures.add(Failure.blocked(entry.version()));
        } else if (result instanceof ApplyResult.Deferred deferred) {
            int attempts = attemptsBefore.applyAsInt(entry);
            hold(
                    Failure.backingOff(
                            entry.version(),
                            attempts,
                            deferred.delay(),
                            null,
                            "deferred by the sink; no attempt counted"),
                    entry);
        } else if (result instanceof ApplyResult.Rejected rejected) {
            int attempts = attemptsBefore.applyAsInt(entry) + 1;
            hold(Failure.dead(entry.version(), attempts, null, "rejected: " + rejected.reason()), entry);
        } else {
            throw new IllegalStateException(
                    "unknown result " + result.getClass().getName());
        }
    }

    private void fail(ClaimedEntry entry, Exception failure) {
        if (held.contains(entry.aggregate())) {
            failures.add(Failure.blocked(entry.version()));
        } else {
            hold(entryFailure(entry, failure), entry);
        }
    }

    private Failure entryFailure(ClaimedEntry entry, Exception failure) {
        int attempts = attemptsBefore.applyAsInt(entry) + 1;
        Throwable root = FailureClassifier.rootOf(failure);
        String message = FailureClassifier.messageOf(root);
        Version version = entry.version();
        return attempts >= policy.maxAttempts()
                ? Failure.dead(version, attempts, root.getClass().getName(), message)
                : Failure.backingOff(
                        version,
                        attempts,
                        policy.backoff().after(attempts, random),
                        root.getClass().getName(),
                        message);
    }

    private void hold(Failure failure, ClaimedEntry entry) {
        failures.add(failure);
        held.add(entry.aggregate());
    }
}
