package dev.dualwrite.spring.jpa;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The values of a JSON document, its numbers digit for digit. Pure. */
final class JsonText {

    /** A double would round what the column holds. */
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private JsonText() {}

    /** The document as lists, maps, texts, numbers and booleans. */
    static @Nullable Object parse(String json) {
        return MAPPER.readValue(json, Object.class);
    }
}
