package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.Failure;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.relay.observe.SettledBatch.Answers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a batch at its sink. An entry that is in neither list was not attempted to an end: it stays where it is.
 *
 * @param done applied, stale or coalesced: to be settled
 * @param failures to be held, with at most one that is not blocked for each aggregate
 * @param applied how many of {@code done} were applied
 * @param coalesced how many of {@code done} were not sent, since a newer entry of their aggregate was
 * @param answers of the sink, for each entry that it was asked for and that is in one of the lists
 * @param doneNanos when the sink had answered for each of {@code done}, as {@link System#nanoTime()} said; may be longer
 * @param storeFailure why the batch was broken off, if the store as a whole could not work
 */
@SuppressWarnings("ArrayRecordComponent") // as in SettledBatch.Ages: boxed numbers would cost more than they tell
record Outcome(
        List<ClaimedEntry> done,
        List<Failure> failures,
        int applied,
        int coalesced,
        Answers answers,
        long[] doneNanos,
        @Nullable Exception storeFailure) {

    /** Without an entry at work. */
    static final Outcome NOTHING = ofFailures(List.of());

    /** The sink was not asked. */
    static Outcome ofFailures(List<Failure> failures) {
        return new Outcome(List.of(), failures, 0, 0, Answers.NONE, new long[0], null);
    }

    int stale() {
        return done.size() - applied - coalesced;
    }
}
