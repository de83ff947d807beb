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

    /** Guesses: with texts of this length at most, both generations together are below 4 MB. */
    static final int MOST_TEXTS = 500;

    static final int MOST_CHARACTERS = 4_000;

    private final Function<String, T> look;
    private volatile Map<String, T> young = new ConcurrentHashMap<>();
    private volatile Map<String, T> old = Map.of();

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
        if (text.length() <= MOST_CHARACTERS) {
            keep(text, found);
        }
        return found;
    }

    int size() {
        return young.size() + old.size();
    }

    private synchronized void keep(String text, T found) {
        if (young.size() >= MOST_TEXTS) {
            old = young;
            young = new ConcurrentHashMap<>();
        }
        young.put(text, found);
    }
}
