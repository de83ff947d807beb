package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.jdbc.Failure;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a batch at its sink. An entry that is in neither list was not attempted to an end: it stays where it is.
 *
 * @param done applied or stale: to be settled
 * @param failures to be held
 * @param applied how many of {@code done} were applied, the others were stale
 * @param storeFailure why the batch was broken off, if the store as a whole could not work
 */
record Outcome(
        List<ClaimedEntry> done,
        List<Failure> failures,
        int applied,
        @Nullable Exception storeFailure) {}
