package dev.dualwrite.relay.state;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many references of one aggregate type are loaded at once. A loader is asked before the size of its answer is known, so it begins
 * with as many as fit if each is as large as allowed, and follows what came: at most twice as many as went well, and on average half
 * the room. Thread-safe.
 */
final class SliceSize {

    private final long room;
    private final int smallest;
    private final AtomicInteger size;

    SliceSize(StateSource.Limits limits) {
        this.room = limits.bytes();
        this.smallest = (int) Math.max(1, Math.min(Integer.MAX_VALUE, limits.bytes() / limits.payloadBytes()));
        this.size = new AtomicInteger(smallest);
    }

    /** How many the next load may ask for, from 1. */
    int next() {
        return size.get();
    }

    /**
     * So many states came, those that were too large included, and came to so many bytes. Aggregates that are gone are not among
     * them: they say nothing of those that are there.
     */
    void loaded(int states, long bytes) {
        if (states == 0) {
            return;
        }
        // Divided first: a room of many gigabytes times a large batch is no long any more.
        long fit = Math.max(smallest, room / 2 / Math.max(1, bytes / states));
        size.updateAndGet(known -> {
            // A small batch says nothing about a larger one.
            long most = states < known ? known : 2L * known;
            return (int) Math.min(Integer.MAX_VALUE / 4, Math.min(most, fit));
        });
    }
}
