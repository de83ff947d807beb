package dev.dualwrite.spring.bypass;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What is known of statements, by their text. Bounded in two generations: when the young one is full it becomes the old one, and
 * what is used meanwhile moves on; so texts with values in them wash through without displacing the others for long. Thread-safe;
 * two threads may find out the same thing at once.
 */
final class SeenTexts<T> {

    static final int MOST_TEXTS = 500;

    /** A guess, of one generation: both together are below 4 MB, of a wide entity's SELECT there is room for hundreds. */
    static final int MOST_CHARACTERS = 2_000_000;

    /** A guess: one longer than this has values in it, comes once, and would only displace the others. */
    static final int LONGEST_TEXT = 100_000;

    private final Function<String, T> look;
    private volatile Map<String, T> young = new ConcurrentHashMap<>();
    private volatile Map<String, T> old = Map.of();
    private int youngCharacters;

    SeenTexts(Function<String, T> look) {
        this.look = look;
    }

    T get(String text) {
        T known = young.get(text);
        if (known != null) {
            return known;
        }
        T found = old.get(text);
        if (found == null) {
            found = look.apply(text);
        }
        if (text.length() <= LONGEST_TEXT) {
            keep(text, found);
        }
        return found;
    }

    int size() {
        return young.size() + old.size();
    }

    private synchronized void keep(String text, T found) {
        if (young.size() >= MOST_TEXTS || youngCharacters + text.length() > MOST_CHARACTERS) {
            old = young;
            young = new ConcurrentHashMap<>();
            youngCharacters = 0;
        }
        if (young.put(text, found) == null) {
            youngCharacters += text.length();
        }
    }
}
