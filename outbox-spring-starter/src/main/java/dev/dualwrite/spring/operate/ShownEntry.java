package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.jdbc.StuckEntry;
import java.time.Instant;
import java.util.Map;

/**
 * One stuck entry as a person is shown it. Immutable.
 *
 * @param operation upsert, delete or reference
 * @param headers names in the clear, values redacted but for the trace context
 */
public record ShownEntry(
        StuckEntry entry,
        String operation,
        String payloadType,
        int schemaVersion,
        Instant appendedAt,
        Map<String, String> headers,
        ShownPayload payload) {

    public ShownEntry {
        headers = Map.copyOf(headers);
    }
}
