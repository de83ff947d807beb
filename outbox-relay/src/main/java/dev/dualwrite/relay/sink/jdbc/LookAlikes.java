package dev.dualwrite.relay.sink.jdbc;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Finds the names that somebody may have meant. Pure. */
final class LookAlikes {

    /** Enough to show the right one, few enough to read. */
    private static final int SHOWN = 3;

    private LookAlikes() {}

    /** At most three names, the most alike first; none if nothing is near. */
    static List<String> of(String wanted, Stream<String> names) {
        String folded = fold(wanted);
        // A third of the letters wrong is still the same word to a person; a short name has few letters to spare.
        int limit = Math.max(2, folded.length() / 3);
        return names.filter(name -> distance(folded, fold(name)) <= limit)
                .sorted(Comparator.comparingInt((String name) -> distance(folded, fold(name)))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(SHOWN)
                .toList();
    }

    private static String fold(String name) {
        return name.toLowerCase(Locale.ROOT).replace("_", "");
    }

    /** How many letters to add, drop or change (Levenshtein 1966), row by row. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(change, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
