package dev.dualwrite.relay.state;

import dev.dualwrite.relay.state.StateSource.Limits;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The sizes of slices, one for each aggregate type: small states say nothing of those of another type. Thread-safe. */
final class SliceSizes {

    private final Limits limits;
    private final Map<String, SliceSize> byType = new ConcurrentHashMap<>();

    SliceSizes(Limits limits) {
        this.limits = limits;
    }

    /** That of a type that somebody loads: so there are no more than those. */
    SliceSize of(String aggregateType) {
        return byType.computeIfAbsent(aggregateType, type -> new SliceSize(limits));
    }

    /** Fills one slice with references of any types. Confined to one thread. */
    final class Filling {

        /** A sum of n parts of 1/n may come out a little above 1. */
        private static final double FULL = 1 + 1e-9;

        private double used;

        /** Whether there is room for one more; the first always has it. */
        boolean takes(String aggregateType) {
            double part = 1.0 / of(aggregateType).next();
            boolean fits = used == 0 || used + part <= FULL;
            used += part;
            return fits;
        }
    }
}
