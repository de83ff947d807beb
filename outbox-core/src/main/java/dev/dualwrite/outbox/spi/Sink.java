package dev.dualwrite.outbox.spi;

import java.util.List;

/**
 * The port to one secondary store. As a bean in a service or pod, its bean name is the name of the sink.
 *
 * <p>The relay delivers at least once, so apply must be idempotent: write only if {@link ClaimedEntry#version()} is newer
 * than what the store holds for the aggregate, and remember deletions (a tombstone), else an older entry brings the row
 * back.
 */
@FunctionalInterface
public interface Sink {

    /**
     * Applies a batch, and returns when its effect is durable.
     *
     * <p>Called by relay threads: at most one call at a time for one shard, several at once for different shards. No
     * transaction of the primary is open meanwhile. It should end within the sink's timeout and stop when interrupted.
     *
     * @param entries at least one, of one shard, sorted by aggregate and within an aggregate by version. The relay sends the
     *     newest of each aggregate only, unless {@link #keepsEveryEntry()}; other callers need not
     * @return one result for each entry, in the same order
     * @throws Exception if this attempt failed. A connection refused, a timeout, a throttled call means that the store is
     *     at fault: the sink pauses and no attempt is counted. Anything else means that an entry is at fault: the batch is
     *     halved until it is found, so nothing of a failed batch may have been made visible, or it must be guarded
     */
    List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception;

    /**
     * Whether every entry counts by itself, as in a log or a topic. Then the relay leaves none out in favour of a newer one of
     * its aggregate, and tries nothing behind a dead one until a person acts. The answer must not change.
     */
    default boolean keepsEveryEntry() {
        return false;
    }

    /**
     * Whether it takes payloads as the service's codec wrote them, for example in Avro. Then the relay decodes only what it has to
     * lift to a newer schema version or to project, and gives that as JSON; a payload tells by its first bytes which it is. Else
     * every payload is JSON. The answer must not change.
     */
    default boolean takesEncodedPayloads() {
        return false;
    }
}
