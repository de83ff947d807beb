package dev.dualwrite.outbox.spi;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry as a sink gets it. The payload array is not copied: a sink must not change it.
 *
 * @param version guards the write: apply only if the secondary holds an older one for this aggregate
 * @param shard of the aggregate, in {@code [0, shard-count)}
 * @param payload JSON, lifted to the newest version and projected; for a sink that {@link Sink#takesEncodedPayloads()} the bytes
 *     that the codec wrote, where there was nothing to lift or project; absent for a deletion
 * @param payloadType the payload's logical type name
 * @param schemaVersion of the payload, from 1
 * @param appendedAt by the primary's clock
 */
@SuppressWarnings("ArrayRecordComponent") // a copy of each payload would double the garbage of the relay
public record ClaimedEntry(
        Version version,
        int shard,
        Aggregate aggregate,
        Operation operation,
        byte @Nullable [] payload,
        String payloadType,
        int schemaVersion,
        Map<String, String> headers,
        Instant appendedAt) {

    public ClaimedEntry {
        headers = Map.copyOf(headers);
    }

    /** The same change with another payload, or another form of it. */
    public ClaimedEntry with(StateLoader.State state) {
        return new ClaimedEntry(
                version,
                shard,
                aggregate,
                operation,
                state.payload(),
                state.payloadType(),
                state.schemaVersion(),
                headers,
                appendedAt);
    }

    /** The deletion of the aggregate, in the place of this change. */
    public ClaimedEntry asDeletion() {
        return new ClaimedEntry(
                version, shard, aggregate, Operation.DELETE, null, payloadType, schemaVersion, headers, appendedAt);
    }

    /** Without the payload: entries end up in logs and errors, payloads must not. */
    @Override
    public String toString() {
        return operation + " " + aggregate + " version " + version.value();
    }
}
