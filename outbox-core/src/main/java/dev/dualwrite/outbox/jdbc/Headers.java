package dev.dualwrite.outbox.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The text form of an entry's headers, {@code name=value&name=value}, percent-encoded: readable in SQL, no parser needed. */
final class Headers {

    private Headers() {}

    static String format(Map<String, String> headers) {
        return headers.entrySet().stream()
                .map(h -> URLEncoder.encode(h.getKey(), UTF_8) + '=' + URLEncoder.encode(h.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
    }

    static Map<String, String> parse(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Map.of();
        }
        var headers = new LinkedHashMap<String, String>();
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            headers.put(decode(name), equals < 0 ? "" : decode(pair.substring(equals + 1)));
        }
        return headers;
    }

    /** What somebody wrote by hand must not stop a lane: text that is not encoded stands for itself. */
    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
