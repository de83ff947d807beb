package dev.dualwrite.bench.latency;

import org.jspecify.annotations.Nullable;

/** Where arrivals at a secondary are reported, for the slice that is being measured. Thread-safe. */
final class Arrivals {

    private volatile @Nullable Slice present;
    private long next;

    /** A slice of orders that were never written before: each entry is of another aggregate. Confined to one thread. */
    Slice next(int entries) {
        var slice = new Slice(next, entries);
        next += entries;
        present = slice;
        return slice;
    }

    /** How many orders all slices had. Confined to the same thread. */
    long total() {
        return next;
    }

    void visible(String id, long micros) {
        Slice slice = present;
        if (slice != null) {
            slice.visible(id, micros);
        }
    }
}
