package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.jdbc.Failure;
import dev.dualwrite.outbox.jdbc.HeldStore;
import dev.dualwrite.outbox.jdbc.HeldStore.Due;
import dev.dualwrite.outbox.jdbc.HeldStore.DueLimits;
import dev.dualwrite.outbox.jdbc.HeldStore.Settlement;
import dev.dualwrite.outbox.jdbc.LaneRight;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.CrashWindow;
import dev.dualwrite.relay.apply.LaneWorker.Report;
import dev.dualwrite.relay.internal.HeldLog;
import dev.dualwrite.relay.observe.BatchObserver;
import dev.dualwrite.relay.observe.SettledBatch.Answers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tries the held entries of a lane again that are due, on a thread of the lane's sink. Thread-safe. */
final class RetryWorker {

    /** Guessed: enough to keep one call useful, little enough that retries do not hold up fresh entries for long. */
    private static final int MAX_DUE_ENTRIES_OF_AGGREGATE = 20;

    /** So many attempts in a row that never ended are no coincidence. Guessed; two can be a deployment. */
    private static final int DEADLY_ATTEMPTS = 3;

    private final HeldStore held;
    private final CrashProbe probe;
    private final RandomGenerator random;
    private final ClaimMarks marks;
    private final HeldLog log;
    private final ClaimConfig config;

    RetryWorker(ClaimLoop.Stores stores, ClaimLoop.Identity identity, ClaimConfig config, ClaimMarks marks) {
        this.held = stores.held();
        this.probe = identity.probe();
        this.random = identity.random();
        this.marks = marks;
        this.log = identity.log();
        this.config = config;
    }

    /**
     * What a retry gave.
     *
     * @param nothingDue whether no entry was due
     * @param failedAgain whether some were applied neither this time
     * @param rightLost whether the right to the lane was lost
     * @param xid of a settle's transaction, if there was one
     * @param afterClaim the number of a claim that was over before {@code xid} was assigned
     */
    record Retried(
            boolean nothingDue,
            boolean failedAgain,
            boolean rightLost,
            OptionalLong xid,
            long afterClaim,
            Report report) {}

    /**
     * How to try.
     *
     * @param promoteHeads whether to look first for entries that are blocked by nothing any more
     * @param aggregates at most so many together
     * @param alone whether to try one aggregate only: the last retry took too long
     * @param storeWorks whether the store has worked since the last retry, so that an entry that times out alone is at fault
     * @param suspect whether any of them may have ended the holders before
     */
    record Mode(boolean promoteHeads, int aggregates, boolean alone, boolean storeWorks, boolean suspect) {}

    /** Tries what is due; blocks for as long as the sink takes. */
    Retried retry(ConfiguredSink sink, LaneRight right, Mode mode) throws InterruptedException {
        if (mode.promoteHeads()) {
            held.promoteAllHeads(right, sink.fullState());
        }
        long afterClaim = marks.lastClaim().getAsLong();
        long begun = System.nanoTime();
        List<Due> due = held.due(right.lane(), limits(mode));
        // All entries of an aggregate go the same way, so that their order is kept.
        Set<Aggregate> suspects = due.stream()
                .filter(d -> mode.suspect() || d.suspect())
                .map(d -> d.entry().aggregate())
                .collect(Collectors.toSet());
        var turn = new RetryTurn(sink, right, mode.storeWorks());
        List<Due> together = due.stream()
                .filter(d -> !suspects.contains(d.entry().aggregate()))
                .toList();
        if (!together.isEmpty()) {
            turn.applyAndSettle(together);
        }
        if (!suspects.isEmpty()) {
            turn.tryOneByOne(due.stream()
                    .filter(d -> suspects.contains(d.entry().aggregate()))
                    .toList());
        }
        return new Retried(
                due.isEmpty(),
                turn.putOff || !turn.failures.isEmpty(),
                turn.rightLost,
                turn.xid,
                afterClaim,
                Report.of(turn.outcome(), begun));
    }

    private DueLimits limits(Mode mode) {
        return mode.alone()
                ? new DueLimits(1, 1, 1, config.batchMaxBytes())
                : new DueLimits(
                        mode.aggregates(), MAX_DUE_ENTRIES_OF_AGGREGATE, config.batchSize(), config.batchMaxBytes());
    }

    /** One retry of one lane: what has come out so far. */
    private final class RetryTurn {
        private final ConfiguredSink sink;
        private final LaneRight right;
        private final boolean storeWorks;
        private final List<ClaimedEntry> done = new ArrayList<>();
        private final List<Failure> failures = new ArrayList<>();
        private final Set<Aggregate> waiting = new HashSet<>();
        private int applied;
        private int coalesced;
        private @Nullable Exception storeFailure;
        private boolean rightLost;
        private boolean putOff;
        private OptionalLong xid = OptionalLong.empty();

        RetryTurn(ConfiguredSink sink, LaneRight right, boolean storeWorks) {
            this.sink = sink;
            this.right = right;
            this.storeWorks = storeWorks;
        }

        boolean goesOn() {
            return storeFailure == null && !rightLost;
        }

        Outcome outcome() {
            return new Outcome(done, failures, applied, coalesced, Answers.NONE, new long[0], storeFailure);
        }

        void tryOneByOne(List<Due> suspects) throws InterruptedException {
            // Those of another lane are tried: these stay due.
            if (!LoneAttempt.OF_THIS_PROCESS.begin(this, sink.timeout().multipliedBy(suspects.size() + 1L))) {
                return;
            }
            try {
                for (Due one : suspects) {
                    if (goesOn()) {
                        tryAlone(one);
                    }
                }
            } finally {
                LoneAttempt.OF_THIS_PROCESS.end(this);
            }
        }

        private void tryAlone(Due due) throws InterruptedException {
            Version version = due.entry().version();
            if (waiting.contains(due.entry().aggregate())) {
                return;
            }
            if (due.unfinished() >= DEADLY_ATTEMPTS) {
                settle(
                        Outcome.ofFailures(List.of(deadly(due))),
                        List.of(due),
                        sink.observer().batch());
                return;
            }
            boolean settled = false;
            try {
                if (!held.beginAttempt(right, version)) {
                    // Gone, or locked by a person's open act, or the lane is another's: not now.
                    waiting.add(due.entry().aggregate());
                    putOff = true;
                    settled = true;
                    return;
                }
                // CRASH: ATTEMPT_BEGUN_NOT_ENDED: it counts as unfinished; after three of them the entry is dead.
                probe.reached(CrashWindow.ATTEMPT_BEGUN_NOT_ENDED);
                applyAndSettle(List.of(due));
                settled = storeFailure == null && !rightLost;
            } finally {
                // Whatever it was, an interrupt for example: the process lives, so the entry did not end it.
                if (!settled) {
                    endAttempt(version);
                }
            }
        }

        private void endAttempt(Version version) {
            // A thread that is interrupted gets no connection.
            boolean interrupted = Thread.interrupted();
            try {
                held.endAttempt(right, version);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        void applyAndSettle(List<Due> due) throws InterruptedException {
            BatchObserver observer = sink.observer().batch();
            Outcome result = new BatchApplier(sink, random, storeWorks, observer)
                    .apply(due.stream().map(Candidate::of).toList());
            storeFailure = result.storeFailure();
            // CRASH: RETRIED_NOT_SETTLED: the attempt is not counted and made again; what it wrote is guarded.
            probe.reached(CrashWindow.RETRIED_NOT_SETTLED);
            if (!result.done().isEmpty() || !result.failures().isEmpty()) {
                settle(result, due, observer);
            }
        }

        private void settle(Outcome result, List<Due> due, BatchObserver observer) {
            Watched watched = Watched.of(observer, result, result.failures(), marks.clock());
            List<Aggregate> touched =
                    due.stream().map(d -> d.entry().aggregate()).distinct().toList();
            HeldStore.Settled settled =
                    held.settle(right, new Settlement(result.done(), result.failures(), sink.fullState()), touched);
            rightLost = settled.xid().isEmpty();
            if (rightLost) {
                return;
            }
            xid = settled.xid();
            done.addAll(result.done());
            failures.addAll(result.failures());
            applied += result.applied();
            coalesced += result.coalesced();
            Set<Long> failed = new HashSet<>();
            result.failures().forEach(f -> failed.add(f.version().value()));
            due.stream()
                    .map(Due::entry)
                    .filter(e -> failed.contains(e.version().value()))
                    .forEach(e -> waiting.add(e.aggregate()));
            log.settled(sink.name(), right.lane().toString(), result.failures(), aggregatesOf(due));
            log.superseded(sink.name(), settled.superseded());
            watched.settled(settled.superseded());
        }

        private static Map<Long, Aggregate> aggregatesOf(List<Due> due) {
            return due.stream()
                    .map(Due::entry)
                    .collect(Collectors.toMap(e -> e.version().value(), ClaimedEntry::aggregate));
        }

        private static Failure deadly(Due due) {
            return Failure.dead(
                    due.entry().version(),
                    due.attempts() + due.unfinished(),
                    null,
                    "the process of its relay ended during each of its last " + due.unfinished()
                            + " attempts, made alone: look at what those processes left behind (memory, crash files)"
                            + " before it is requeued");
        }
    }
}
