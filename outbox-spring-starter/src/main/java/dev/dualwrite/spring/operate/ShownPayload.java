package dev.dualwrite.spring.operate;

import org.jspecify.annotations.Nullable;

/**
 * A payload as a person is shown it. Immutable.
 *
 * @param bytes its size
 * @param format json, other (Avro, or anything that is not JSON), or none where the entry has no payload
 * @param content maps, lists and texts, values redacted; absent unless it is JSON
 */
public record ShownPayload(
        int bytes, String format, @Nullable Object content) {}
