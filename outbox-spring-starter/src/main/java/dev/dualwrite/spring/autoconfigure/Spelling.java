package dev.dualwrite.spring.autoconfigure;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/** Which known word somebody may have meant. Pure. */
final class Spelling {

    private Spelling() {}

    /** The word nearest to a written one, if it is near: at most two letters, or a third of them. */
    static Optional<String> nearest(String written, Map<String, String> known) {
        return known.entrySet().stream()
                .filter(word -> distance(written, word.getKey()) <= Math.max(2, written.length() / 3))
                .min(Comparator.comparingInt(word -> distance(written, word.getKey())))
                .map(Map.Entry::getValue);
    }

    /** Letters that must be put in, taken out or changed (Levenshtein), row by row. */
    static int distance(String one, String other) {
        int[] above = new int[other.length() + 1];
        for (int j = 0; j < above.length; j++) {
            above[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] row = new int[above.length];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(above[j - 1] + change, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[other.length()];
    }
}
