package dev.dualwrite.spring.operate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The shape of one JSON payload. Bounded: a page shows it, so depth, fields and elements beyond a limit are only counted. Confined to
 * one thread.
 */
final class RedactedJson {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** More than a person reads. Guessed. */
    private static final int MAX_NODES = 2000;

    private static final int MAX_DEPTH = 30;
    private static final int MAX_ELEMENTS = 50;

    /** What a programmer calls a field. A map may have keys that are data, such as addresses of people. */
    private static final Pattern FIELD_NAME = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$-]{0,63}");

    private final List<VisibleField> visible;
    private int nodes;

    private RedactedJson(List<VisibleField> visible) {
        this.visible = visible;
    }

    /** Null if it is not JSON. */
    static @Nullable Object of(byte[] payload, List<VisibleField> visible) {
        try {
            return new RedactedJson(visible).show(JSON.readTree(payload), List.of(), false);
        } catch (JacksonException e) {
            return null;
        }
    }

    static String text(String value) {
        return "<text, " + characters(value.codePointCount(0, value.length())) + ">";
    }

    private static String characters(int count) {
        return count + (count == 1 ? " character" : " characters");
    }

    private @Nullable Object show(JsonNode node, List<String> path, boolean clear) {
        nodes++;
        boolean shown = clear || visible.stream().anyMatch(field -> field.covers(path));
        if (node.isObject() || node.isArray()) {
            if (path.size() >= MAX_DEPTH || nodes > MAX_NODES) {
                return node.isObject()
                        ? "<object, " + node.size() + " fields>"
                        : "<array, " + node.size() + " elements>";
            }
            return node.isObject() ? object(node, path, shown) : array(node, path, shown);
        }
        return shown ? value(node) : redacted(node);
    }

    private Map<String, @Nullable Object> object(JsonNode node, List<String> path, boolean clear) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (nodes > MAX_NODES) {
                fields.put("<" + (node.size() - fields.size()) + " more>", null);
                break;
            }
            String name = field.getKey();
            Object value = show(field.getValue(), below(path, name), clear);
            fields.put(
                    clear || FIELD_NAME.matcher(name).matches()
                            ? name
                            : "<name " + (fields.size() + 1) + ", " + characters(name.codePointCount(0, name.length()))
                                    + ">",
                    value);
        }
        return fields;
    }

    private List<@Nullable Object> array(JsonNode node, List<String> path, boolean clear) {
        var elements = new ArrayList<@Nullable Object>();
        for (JsonNode element : node) {
            if (elements.size() == MAX_ELEMENTS || nodes > MAX_NODES) {
                elements.add("<" + (node.size() - elements.size()) + " more>");
                break;
            }
            elements.add(show(element, below(path, String.valueOf(elements.size())), clear));
        }
        return elements;
    }

    private static List<String> below(List<String> path, String step) {
        var longer = new ArrayList<String>(path);
        longer.add(step);
        return longer;
    }

    private static @Nullable Object value(JsonNode node) {
        if (node.isNull()) {
            return null;
        }
        return node.isBoolean() ? (Object) node.asBoolean() : node.isNumber() ? node.numberValue() : node.asString();
    }

    private static @Nullable Object redacted(JsonNode node) {
        if (node.isNull()) {
            return null;
        }
        return node.isString() ? text(node.asString()) : node.isBoolean() ? "<boolean>" : "<number>";
    }
}
