package dev.dualwrite.outbox.spi;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A payload without a class and without a library: what JSON can say, as {@code Map<String, Object>} in the order of the
 * fields, {@code List}, {@code String}, {@code BigDecimal}, {@code Boolean} and {@code null}. {@link Upcaster}s and {@link
 * Projection}s work on it. A number keeps its digits: {@code 1.10} stays {@code 1.10}.
 */
public final class PayloadTree {

    /**
     * Levels of maps and lists in each other. Guessed: deeper ones, and those that hold themselves, are made by mistake; and so many a
     * thread's stack of 1 MB can follow.
     */
    public static final int MAX_DEPTH = 1000;

    private PayloadTree() {}

    /**
     * A deep copy that can be changed, with every number as a {@code BigDecimal}.
     *
     * @throws IllegalArgumentException for a value that JSON has no form for; the message has its place and class, not the value
     */
    public static @Nullable Object copy(@Nullable Object tree) {
        return copy(tree, null, "");
    }

    /**
     * As {@link #copy}, of an object.
     *
     * @throws IllegalArgumentException also for null, which a user's function may give against its contract
     */
    public static Map<String, @Nullable Object> copyObject(@Nullable Map<String, ? extends @Nullable Object> tree) {
        if (tree == null) {
            throw new UnfitTreeException("the tree is null, expected a Map");
        }
        return copyOf(tree, new Place(null, "", 0));
    }

    /** Why a copy failed: its own message, but of anything else, which a map of the user's may throw, only the place. */
    public static String problem(RuntimeException failure) {
        return failure instanceof UnfitTreeException ? String.valueOf(failure.getMessage()) : FailurePlace.of(failure);
    }

    private static final class UnfitTreeException extends IllegalArgumentException {

        private static final long serialVersionUID = 1L;

        UnfitTreeException(String message) {
            super(message);
        }
    }

    /** Where a map or a list is; its text is only made for an error. */
    private record Place(@Nullable Place parent, String name, int depth) {

        String of(String child) {
            var path = new StringBuilder(child);
            for (Place at = this; at.parent != null; at = at.parent) {
                path.insert(0, at.name + '/');
            }
            return path.insert(0, '/').toString();
        }
    }

    private static @Nullable Object copy(@Nullable Object value, @Nullable Place parent, String name) {
        if (value == null || value instanceof String || value instanceof Boolean || value instanceof BigDecimal) {
            return value;
        } else if (value instanceof Map<?, ?> map) {
            return copyOf(map, place(parent, name));
        } else if (value instanceof List<?> list) {
            return copyOf(list, place(parent, name));
        } else if (value instanceof Number number) {
            return decimal(number, parent, name);
        }
        throw refused(parent, name, "is a " + value.getClass().getName());
    }

    private static Map<String, @Nullable Object> copyOf(Map<?, ?> map, Place place) {
        var copy = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> {
            if (!(key instanceof String name)) {
                throw refused(place, "", "has a key that is no String");
            }
            copy.put(name, copy(value, place, name));
        });
        return copy;
    }

    private static List<@Nullable Object> copyOf(List<?> list, Place place) {
        var copy = new ArrayList<@Nullable Object>(list.size());
        for (Object element : list) {
            copy.add(copy(element, place, String.valueOf(copy.size())));
        }
        return copy;
    }

    private static Place place(@Nullable Place parent, String name) {
        int depth = parent == null ? 0 : parent.depth() + 1;
        if (depth == MAX_DEPTH) {
            throw new UnfitTreeException("the tree is " + depth + " levels deep, expected less");
        }
        return new Place(parent, name, depth);
    }

    private static BigDecimal decimal(Number number, @Nullable Place parent, String name) {
        if (number instanceof Integer || number instanceof Long || number instanceof Short || number instanceof Byte) {
            return BigDecimal.valueOf(number.longValue());
        } else if (number instanceof BigInteger big) {
            return new BigDecimal(big);
        } else if ((number instanceof Double || number instanceof Float) && Double.isFinite(number.doubleValue())) {
            // By its text: 0.1f is 0.1 and not 0.10000000149011612.
            return new BigDecimal(number.toString());
        }
        throw refused(parent, name, "is a " + number.getClass().getName() + " that JSON has no number for");
    }

    private static IllegalArgumentException refused(@Nullable Place parent, String name, String what) {
        return new UnfitTreeException("the value at '" + (parent == null ? "" : parent.of(name)) + "' " + what
                + ", expected a Map with String keys, a List, a String, a number, a Boolean or null");
    }
}
