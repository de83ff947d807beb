package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.Operation;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One entry with all that is in it, payload and headers in the clear: for code that redacts them, never for a log. Immutable, but
 * for the payload, which is not copied. Its text form holds no payload and no header.
 *
 * @param payloadType logical type of the payload; the aggregate's type where none was given
 * @param payload absent for deletions and references
 */
@SuppressWarnings("ArrayRecordComponent") // Bytes for one reader; a copy of each payload would be for nothing.
public record EntryDetail(
        StuckEntry entry,
        Operation operation,
        String payloadType,
        int schemaVersion,
        Instant appendedAt,
        Map<String, String> headers,
        byte @Nullable [] payload) {

    public EntryDetail {
        headers = Map.copyOf(headers);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EntryDetail o
                && entry.equals(o.entry)
                && operation == o.operation
                && payloadType.equals(o.payloadType)
                && schemaVersion == o.schemaVersion
                && appendedAt.equals(o.appendedAt)
                && headers.equals(o.headers)
                && Arrays.equals(payload, o.payload);
    }

    @Override
    public int hashCode() {
        return Objects.hash(entry.entryId(), schemaVersion, Arrays.hashCode(payload));
    }

    @Override
    public String toString() {
        return "EntryDetail[entryId=" + entry.entryId() + ", operation=" + operation + ", payloadType=" + payloadType
                + ", schemaVersion=" + schemaVersion + ", bytes=" + (payload == null ? 0 : payload.length) + "]";
    }
}
