package dev.dualwrite.relay.apply;

import dev.dualwrite.relay.internal.PayloadJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes the values of a payload out of what a sink says of it: such texts get into logs and tables that more people read than may see
 * the data. Pure. Idea: whatever in the text is a value of the payload, or the beginning of one, is replaced; names of fields stay, they
 * say what is wrong. Of a payload that is not JSON every word that is in it is replaced. A value of up to three characters stays, and so
 * does the beginning of a longer one that was cut off before its twelfth: they would also be found where they are none. What a sink says of a state that it loaded itself, or of a digest of a value, is not found.
 * Cost: one pass over the payload for each failed attempt.
 */
final class WithoutPayload {

    static final String REPLACEMENT = "<a value of the payload>";

    private static final JsonMapper JSON = PayloadJson.mapper().build();
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}@._+-]{4,}");

    /** Shorter ones are found by chance. Guessed. */
    private static final int SHORTEST = 4;

    /** By so many characters the beginning of a longer value is known. Guessed. */
    private static final int BEGINNING = 12;

    private WithoutPayload() {}

    static String text(String said, byte @Nullable [] payload) {
        if (payload == null || payload.length < SHORTEST || said.length() < SHORTEST) {
            return said;
        }
        List<String> values;
        try {
            values = values(JSON.readTree(payload));
        } catch (JacksonException e) {
            return withoutWordsOf(said, new String(payload, StandardCharsets.UTF_8));
        }
        String text = said.replace(new String(payload, StandardCharsets.UTF_8), REPLACEMENT);
        values.sort(Comparator.comparingInt(String::length).reversed());
        for (String value : values) {
            text = without(text, value);
        }
        return text;
    }

    private static List<String> values(JsonNode tree) {
        var values = new ArrayList<String>();
        // Not by recursion: depth is the payload's choice.
        var open = new ArrayList<>(List.of(tree));
        while (!open.isEmpty()) {
            JsonNode node = open.remove(open.size() - 1);
            if (node.isContainer()) {
                node.forEach(open::add);
            } else if (node.isString() || node.isNumber()) {
                String value = node.asString();
                if (value.length() >= SHORTEST) {
                    values.add(value);
                    String escaped = new String(JsonStringEncoder.getInstance().quoteAsCharArray(value));
                    if (!escaped.equals(value)) {
                        values.add(escaped);
                    }
                }
            }
        }
        return values;
    }

    private static String without(String text, String value) {
        String beginning = value.substring(0, Math.min(value.length(), BEGINNING));
        int at = text.indexOf(beginning);
        if (at < 0) {
            return text;
        }
        var cut = new StringBuilder();
        int from = 0;
        while (at >= 0) {
            int length = beginning.length();
            while (length < value.length()
                    && at + length < text.length()
                    && text.charAt(at + length) == value.charAt(length)) {
                length++;
            }
            cut.append(text, from, at).append(REPLACEMENT);
            from = at + length;
            at = text.indexOf(beginning, from);
        }
        return cut.append(text, from, text.length()).toString();
    }

    private static String withoutWordsOf(String said, String payload) {
        return WORD.matcher(said)
                .replaceAll(
                        word -> payload.contains(word.group()) ? REPLACEMENT : Matcher.quoteReplacement(word.group()));
    }
}
