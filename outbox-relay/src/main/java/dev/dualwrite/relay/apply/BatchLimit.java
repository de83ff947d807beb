package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.jdbc.ClaimStore.Claimed;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How much of a lane is sent in one call after calls that timed out: half as much each time, twice as much after each success.
 * Confined to one thread; a pure decision.
 *
 * <p>A timeout is the store's failure and counts no attempt, else an outage would use attempts up. But one entry can be the
 * reason: it waits for a lock, or it makes the store hang. So once a single entry has timed out alone, other aggregates of the
 * lane are tried. If one of them works, or another lane, and the entry times out again, it is the entry's failure.
 */
final class BatchLimit {

    /** How many other aggregates of the lane are tried before the entry's turn comes again. Guessed. */
    private static final int OTHERS = 3;

    private final int most;
    private int limit;
    private int turn;
    private @Nullable Long loneTimeout;
    private long successesThen;

    BatchLimit(int most) {
        this.most = most;
        this.limit = most;
    }

    /** Whether the lane works as configured. */
    boolean isWhole() {
        return limit == most;
    }

    /** What of a batch is sent now. */
    Batch cut(Batch batch) {
        if (isWhole() || batch.entries().isEmpty()) {
            return batch;
        }
        if (limit > 1 || turn == 0) {
            return batch.first(limit);
        }
        List<Claimed> heads = headsOf(batch);
        return new Batch(List.of(heads.get(Math.min(turn, heads.size() - 1))), false, true);
    }

    /** Whether a timeout of exactly this would be the entry's own failure. */
    boolean loneTimeoutIsTheEntrys(Batch batch, long successes) {
        return batch.entries().size() == 1
                && loneTimeout != null
                && loneTimeout == version(batch)
                && successes > successesThen;
    }

    void timedOut(Batch batch, long successes) {
        int size = batch.entries().size();
        limit = Math.max(1, Math.min(limit, size) / 2);
        if (size > 1) {
            turn = 0;
        } else if (turn == 0) {
            loneTimeout = version(batch);
            successesThen = successes;
            turn = 1;
        } else {
            turn = turn == OTHERS ? 0 : turn + 1;
        }
    }

    void worked() {
        if (turn > 0) {
            turn = 0;
        } else {
            loneTimeout = null;
            limit = (int) Math.min(most, limit * 2L);
        }
    }

    /** The first entry of each aggregate: nothing goes before an older one of its own. */
    private static List<Claimed> headsOf(Batch batch) {
        Set<Aggregate> seen = new HashSet<>();
        return batch.entries().stream()
                .filter(claimed -> seen.add(claimed.entry().aggregate()))
                .toList();
    }

    private static long version(Batch batch) {
        ClaimedEntry entry = batch.entries().get(0).entry();
        return entry.version().value();
    }
}
