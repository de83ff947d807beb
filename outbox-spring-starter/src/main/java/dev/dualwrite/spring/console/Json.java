package dev.dualwrite.spring.console;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Writes and reads the console's JSON. Its own mapper: what the service does to its mapper must not change the page. Immutable. */
final class Json {

    private final JsonMapper mapper = JsonMapper.builder().build();

    byte[] write(Object value) {
        return mapper.writeValueAsBytes(value);
    }

    /** A tree of a text; the text itself if it is not JSON. */
    Object tree(String text) {
        try {
            return mapper.readTree(text);
        } catch (JacksonException e) {
            return text;
        }
    }

    /** The object of a request's body; null if it is none. */
    @Nullable
    JsonNode read(byte[] body) {
        try {
            JsonNode node = mapper.readTree(body);
            return node.isObject() ? node : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    /** One server-sent event. */
    byte[] event(String name, Object data) {
        // Written on one line, so that one data field takes it.
        String text = "event: " + name + "\ndata: " + mapper.writeValueAsString(data) + "\n\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A problem as the page shows it. */
    static Map<String, @Nullable Object> problem(@Nullable String message, @Nullable String hint) {
        return Answers.answer("message", message, "hint", hint);
    }
}
