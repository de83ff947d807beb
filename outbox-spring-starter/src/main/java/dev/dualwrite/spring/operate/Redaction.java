package dev.dualwrite.spring.operate;

import dev.dualwrite.outbox.jdbc.EntryDetail;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/**
 * What of an entry's content a person is shown: the shape of a JSON payload, each value replaced by its type and length unless its
 * field is named as visible. Of anything that is not JSON only the size. Immutable.
 */
public final class Redaction {

    // A service with a codec of its own may leave Jackson out.
    private static final boolean JSON =
            ClassUtils.isPresent("tools.jackson.databind.json.JsonMapper", Redaction.class.getClassLoader());

    /** Made by the tracer, not by people. */
    private static final Set<String> HARMLESS_HEADERS = Set.of("traceparent", "tracestate");

    private final Map<String, List<VisibleField>> visible;

    /**
     * With fields in the clear.
     *
     * @param visibleFields by aggregate type: JSON pointers, or names of fields at the top
     */
    public Redaction(Map<String, List<String>> visibleFields) {
        this.visible = visibleFields.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey,
                        each -> each.getValue().stream()
                                .map(VisibleField::parse)
                                .toList()));
    }

    /** The entry, fit to be shown. */
    public ShownEntry show(EntryDetail detail) {
        var headers = new TreeMap<String, String>();
        detail.headers().forEach((name, value) -> headers.put(name, header(name, value)));
        return new ShownEntry(
                detail.entry(),
                detail.operation().name().toLowerCase(Locale.ROOT),
                detail.payloadType(),
                detail.schemaVersion(),
                detail.appendedAt(),
                headers,
                payload(detail.entry().aggregateType(), detail.payload()));
    }

    private static String header(String name, String value) {
        return HARMLESS_HEADERS.contains(name.toLowerCase(Locale.ROOT)) ? value : RedactedJson.text(value);
    }

    private ShownPayload payload(String aggregateType, byte @Nullable [] payload) {
        if (payload == null) {
            return new ShownPayload(0, "none", null);
        }
        Object content = JSON ? RedactedJson.of(payload, visible.getOrDefault(aggregateType, List.of())) : null;
        return new ShownPayload(payload.length, content == null ? "other" : "json", content);
    }
}
