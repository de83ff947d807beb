package dev.dualwrite.outbox;

import org.jspecify.annotations.Nullable;

/** The rules for text that goes into the outbox's text columns. Pure. */
final class CleanText {

    private static final int MAX_HEADER_LENGTH = 1000;

    private CleanText() {}

    /** What is wrong with a text, without quoting it; null if nothing is. */
    static @Nullable String flaw(String text) {
        // PostgreSQL text cannot hold NUL, and the other control characters would garble every log line and view.
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                return "a control character, expected none";
            }
            // In UTF-8 each half would become the same question mark: two texts would be one in the database.
            if (Character.isSurrogate(c)) {
                if (!Character.isSurrogatePair(c, i + 1 < text.length() ? text.charAt(i + 1) : c)) {
                    return "half of a surrogate pair, expected whole characters";
                }
                i++;
            }
        }
        return null;
    }

    /** What is wrong with a header, without quoting its value; null if nothing is. */
    static @Nullable String headerProblem(String name, String value) {
        if (name.isEmpty() || name.length() > MAX_HEADER_LENGTH) {
            return "the name of a header has " + name.length() + " characters, expected 1 to " + MAX_HEADER_LENGTH;
        }
        String flaw = flaw(name);
        if (flaw != null) {
            return "the name of a header has " + flaw;
        }
        if (value.length() > MAX_HEADER_LENGTH) {
            return "header '" + name + "' has a value of " + value.length() + " characters, expected at most "
                    + MAX_HEADER_LENGTH;
        }
        flaw = flaw(value);
        return flaw == null ? null : "header '" + name + "' has a value with " + flaw;
    }
}
