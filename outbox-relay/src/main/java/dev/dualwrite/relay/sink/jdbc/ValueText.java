package dev.dualwrite.relay.sink.jdbc;

import dev.dualwrite.relay.internal.PayloadJson;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Writes a JSON value as the text that PostgreSQL reads as a value of a column's type. Pure. */
final class ValueText {

    /**
     * A number with more zeros than this keeps its exponent: written out, a payload of ten bytes could take a gigabyte.
     * Guessed; numeric itself ends at 131,072 digits.
     */
    private static final int MAX_ZEROS = 1000;

    private static final JsonMapper MAPPER = PayloadJson.mapper().build();

    private ValueText() {}

    /**
     * The text, absent for null.
     *
     * @throws UnfitEntryException if no text of the value could be read as the column's type
     */
    static @Nullable String of(JsonNode node, MappedColumn target) throws UnfitEntryException {
        if (node.isNull()
                && target.column().kind() == ColumnKind.JSON
                && target.column().notNull()) {
            // Where no SQL NULL can be meant, it is the JSON one.
            return "null";
        }
        if (node.isNull() || node.isMissingNode()) {
            return null;
        }
        checkCharacters(node, target);
        return switch (target.column().kind()) {
            case JSON -> json(node);
            case TEXT -> node.isContainer() ? json(node) : scalar(node);
            case ARRAY -> array(node, target);
            case BINARY -> {
                if (!node.isString()) {
                    throw unfit(node, target);
                }
                yield node.stringValue();
            }
            case SCALAR -> {
                if (node.isContainer()) {
                    throw unfit(node, target);
                }
                yield scalar(node);
            }
        };
    }

    /** Not by toString, which writes no more levels than Jackson does by default. */
    private static String json(JsonNode node) {
        return MAPPER.writeValueAsString(node);
    }

    private static String scalar(JsonNode node) {
        return node.isNumber() ? number(node.decimalValue()) : node.asString();
    }

    private static String number(BigDecimal number) {
        return Math.abs((long) number.scale()) > MAX_ZEROS ? number.toString() : number.toPlainString();
    }

    private static String array(JsonNode node, MappedColumn target) throws UnfitEntryException {
        if (node.isString()) {
            // The literal itself: what JSON has no array for, such as one that does not begin at 1.
            return node.stringValue();
        }
        if (!node.isArray()) {
            throw unfit(node, target);
        }
        var literal = new StringBuilder();
        appendArray(literal, node);
        return literal.toString();
    }

    private static void appendArray(StringBuilder literal, JsonNode array) {
        literal.append('{');
        boolean first = true;
        for (JsonNode element : array) {
            if (!first) {
                literal.append(',');
            }
            first = false;
            if (element.isArray()) {
                appendArray(literal, element);
            } else if (element.isNull()) {
                literal.append("NULL");
            } else {
                String text = element.isObject() ? json(element) : scalar(element);
                // Always in quotes: bare, the text "NULL", the empty text and spaces would mean something else.
                literal.append('"')
                        .append(text.replace("\\", "\\\\").replace("\"", "\\\""))
                        .append('"');
            }
        }
        literal.append('}');
    }

    private static void checkCharacters(JsonNode node, MappedColumn target) throws UnfitEntryException {
        if (node.isString()) {
            checkText(node.stringValue(), target + " at " + target.pointer());
        } else if (node.isContainer()) {
            for (var property : node.properties()) {
                checkText(property.getKey(), target + " at " + target.pointer());
            }
            for (JsonNode child : node) {
                checkCharacters(child, target);
            }
        }
    }

    /**
     * What PostgreSQL cannot store in a text.
     *
     * @throws UnfitEntryException on NUL, and on half a surrogate pair: the driver would send a question mark for it
     */
    static void checkText(String text, String where) throws UnfitEntryException {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new UnfitEntryException(
                        where + ": the text has the character NUL (U+0000), which PostgreSQL cannot store");
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new UnfitEntryException(
                        where + ": the text has half a surrogate pair, which is no character and cannot be stored");
            }
        }
    }

    private static UnfitEntryException unfit(JsonNode node, MappedColumn target) {
        String kind = target.column().kind().wanted();
        return new UnfitEntryException("payload has " + node.getNodeType() + " at " + target.pointer() + ", " + target
                + " takes a JSON " + kind);
    }
}
