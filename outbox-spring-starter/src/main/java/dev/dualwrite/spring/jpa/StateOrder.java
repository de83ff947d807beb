package dev.dualwrite.spring.jpa;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An order of the values of states, so that what has none in the database has the same text each time. Pure. */
final class StateOrder implements Comparator<@Nullable Object> {

    @Override
    public int compare(@Nullable Object one, @Nullable Object other) {
        if (one == null || other == null) {
            return Boolean.compare(one == null, other == null);
        }
        if (one instanceof Number a && other instanceof Number b) {
            return new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString()));
        }
        if (one instanceof Map<?, ?> a && other instanceof Map<?, ?> b) {
            return compareMaps(a, b);
        }
        return one.toString().compareTo(other.toString());
    }

    // Identifiers stand first, so that they decide, and differ.
    private int compareMaps(Map<?, ?> one, Map<?, ?> other) {
        for (var entry : one.entrySet()) {
            int result = compare(entry.getValue(), other.get(entry.getKey()));
            if (result != 0) {
                return result;
            }
        }
        return one.toString().compareTo(other.toString());
    }
}
