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
 * @param answers of the sink, for each entry that it was asked for
 * @param storeFailure why the batch was broken off, if the store as a whole could not work
 */
record Outcome(
        List<ClaimedEntry> done,
        List<Failure> failures,
        int applied,
        int coalesced,
        Answers answers,
        @Nullable Exception storeFailure) {

    /** Without an entry at work. */
    static final Outcome NOTHING = new Outcome(List.of(), List.of(), 0, 0, Answers.NONE, null);

    int stale() {
        return done.size() - applied - coalesced;
    }
}
