package dev.dualwrite.relay.sink.jdbc;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table's name as the catalog has it, letter case included. Immutable.
 *
 * @param schema absent means: the first in the search path of the connection that has the table
 */
public record TableName(@Nullable String schema, String name) {

    /**
     * Reads {@code table} or {@code schema.table}. A part in double quotes is taken literally, so that it may contain a dot;
     * the quotes are not needed for capital letters.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static TableName parse(String text) {
        List<String> parts = split(text);
        if (parts.size() > 2 || parts.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException(
                    "table is '" + text + "', expected table or schema.table, a part with a dot in double quotes");
        }
        return parts.size() == 2 ? new TableName(parts.get(0), parts.get(1)) : new TableName(null, parts.get(0));
    }

    /** The name as an identifier in a statement. */
    static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    private static List<String> split(String text) {
        var parts = new ArrayList<String>();
        var part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' && quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                part.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == '.' && !quoted) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(quoted ? "" : part.toString());
        return parts;
    }

    @Override
    public String toString() {
        return schema == null ? name : schema + "." + name;
    }
}
