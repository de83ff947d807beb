package dev.dualwrite.relay;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import java.util.List;
import java.util.stream.IntStream;

/** Aggregates of one lane: what concerns the order within a lane needs them. */
final class OneLane {

    private OneLane() {}

    /** So many orders that share the shard of order {@code 1}. */
    static List<Aggregate> orders(int count) {
        int shard = Aggregate.of("order", "1").shard(OutboxDatabase.SHARDS);
        return IntStream.iterate(1, i -> i + 1)
                .mapToObj(i -> Aggregate.of("order", i))
                .filter(a -> a.shard(OutboxDatabase.SHARDS) == shard)
                .limit(count)
                .toList();
    }

    static OutboxEntry upsert(Aggregate aggregate, Object payload) {
        return OutboxEntry.upsert(aggregate, payload);
    }
}
