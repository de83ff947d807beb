package dev.dualwrite.relay.payload;

import dev.dualwrite.outbox.spi.FailurePlace;
import dev.dualwrite.relay.internal.PayloadJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON in UTF-8 as the trees of {@link dev.dualwrite.outbox.spi.PayloadTree}, and back. A number keeps its digits, a field
 * its place; only the minus of a {@code -0.0} is lost. Thread-safe; no I/O.
 */
final class JsonTrees {

    private static final JsonMapper MAPPER = PayloadJson.mapper().build();

    private JsonTrees() {}

    static @Nullable Object read(byte[] json) throws UnfitPayloadException {
        try (JsonParser parser = MAPPER.createParser(json)) {
            JsonToken first = parser.nextToken();
            Object tree = first == null ? null : value(parser, first);
            if (first == null || parser.nextToken() != null) {
                throw new UnfitPayloadException("payload is not one JSON value");
            }
            return tree;
        } catch (JacksonException e) {
            throw new UnfitPayloadException(PayloadJson.unreadable(e));
        }
    }

    static byte[] write(@Nullable Object tree) throws UnfitPayloadException {
        try {
            return MAPPER.writeValueAsBytes(tree);
        } catch (JacksonException e) {
            throw new UnfitPayloadException("payload cannot be written as JSON, " + FailurePlace.of(e));
        }
    }

    // By hand: Jackson's own untyped reading knows no way to have every number as BigDecimal.
    private static @Nullable Object value(JsonParser parser, JsonToken token) {
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private static Map<String, @Nullable Object> object(JsonParser parser) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            object.put(name, value(parser, parser.nextToken()));
        }
        return object;
    }

    private static List<@Nullable Object> array(JsonParser parser) {
        var array = new ArrayList<@Nullable Object>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            array.add(value(parser, token));
        }
        return array;
    }
}
