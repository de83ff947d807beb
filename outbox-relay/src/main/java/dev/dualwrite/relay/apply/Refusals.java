package dev.dualwrite.relay.apply;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.relay.observe.SettledBatch.Answers;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How often the sink refused entries of a batch, by aggregate: one that is left where it is takes its answers along, since they are
 * given again. Confined to one thread.
 */
final class Refusals {

    private static final int DEFERRED = 0;
    private static final int REJECTED = 1;
    private static final int FAILED = 2;
    private static final int UNKNOWN = 3;
    private static final int KINDS = 4;

    private final Map<Aggregate, int[]> ofAggregates = new HashMap<>();

    /** Neither applied nor stale. */
    void answered(Aggregate aggregate, @Nullable ApplyResult refusal) {
        int kind = FAILED;
        if (refusal instanceof ApplyResult.Deferred) {
            kind = DEFERRED;
        } else if (refusal instanceof ApplyResult.Rejected) {
            kind = REJECTED;
        } else if (refusal instanceof ApplyResult.Unknown) {
            kind = UNKNOWN;
        }
        add(aggregate, kind);
    }

    /** The attempt threw. */
    void failed(Aggregate aggregate) {
        add(aggregate, FAILED);
    }

    private void add(Aggregate aggregate, int kind) {
        ofAggregates.computeIfAbsent(aggregate, a -> new int[KINDS])[kind]++;
    }

    /** Its entries stay where they are. */
    void forget(Aggregate aggregate) {
        ofAggregates.remove(aggregate);
    }

    /** All answers of the batch. */
    Answers with(int applied, int stale) {
        var sum = new int[KINDS];
        for (int[] ofOne : ofAggregates.values()) {
            for (int kind = 0; kind < KINDS; kind++) {
                sum[kind] += ofOne[kind];
            }
        }
        return new Answers(applied, stale, sum[DEFERRED], sum[REJECTED], sum[FAILED], sum[UNKNOWN]);
    }
}
