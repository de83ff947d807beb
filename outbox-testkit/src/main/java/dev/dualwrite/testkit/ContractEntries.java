package dev.dualwrite.testkit;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Entries as the relay would hand them out. Immutable.
 *
 * @param payloadType of every entry
 */
record ContractEntries(String payloadType) {

    /** The default of {@code dualwrite.shard-count}. */
    static final int SHARDS = 16;

    private static final int EPOCH = 1;

    private static final Comparator<ClaimedEntry> RELAY_ORDER = Comparator.comparing(
                    (ClaimedEntry e) -> e.aggregate().type())
            .thenComparing(e -> e.aggregate().id())
            .thenComparing(ClaimedEntry::version);

    ClaimedEntry upsert(Aggregate aggregate, long sequence, byte[] payload) {
        return entry(aggregate, sequence, Operation.UPSERT, payload);
    }

    ClaimedEntry delete(Aggregate aggregate, long sequence) {
        return entry(aggregate, sequence, Operation.DELETE, null);
    }

    /** In the order that a sink is promised. */
    static List<ClaimedEntry> batch(Stream<ClaimedEntry> entries) {
        return entries.sorted(RELAY_ORDER).toList();
    }

    // Before JDK 22 NullAway does not see in a class file that an array may be null, as the payload of a deletion is.
    @SuppressWarnings("NullAway")
    private ClaimedEntry entry(Aggregate aggregate, long sequence, Operation operation, byte @Nullable [] payload) {
        return new ClaimedEntry(
                Version.of(EPOCH, sequence),
                aggregate.shard(SHARDS),
                aggregate,
                operation,
                payload,
                payloadType,
                1,
                Map.of(),
                Instant.EPOCH);
    }
}
