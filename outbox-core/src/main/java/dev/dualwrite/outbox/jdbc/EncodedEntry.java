package dev.dualwrite.outbox.jdbc;

import dev.dualwrite.outbox.OutboxEntry;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An entry whose payload is serialised, ready to be inserted. The array is not copied.
 *
 * @param entry with the payload type that the payload's class states
 * @param sinks resolved: one row is written for each
 */
@SuppressWarnings("ArrayRecordComponent") // a copy of each payload would double the garbage of the write path
public record EncodedEntry(OutboxEntry entry, Set<String> sinks, byte @Nullable [] payload) {}
