package dev.dualwrite.relay.lease;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How many lanes of one sink each of its carriers should hold. Pure. */
final class SinkShare {

    private SinkShare() {}

    /**
     * Lanes by carriers, and what is left over one each to those who hold more than that already: they would have to move a
     * lane otherwise. The rest goes by rank, from another rank on for each sink, so that the extras of several sinks do not all
     * land on the same member.
     *
     * @param carriers in the order of their start, the same for everybody
     * @param held how many lanes of the sink each holds
     * @return the share of each carrier, in the order of {@code carriers}
     */
    static Map<String, Integer> of(short sinkId, List<String> carriers, Map<String, Integer> held, int lanes) {
        if (carriers.isEmpty()) {
            return Map.of();
        }
        int base = lanes / carriers.size();
        int extras = lanes % carriers.size();
        Set<String> withExtra = withExtra(rotated(carriers, sinkId * extras), base, held, extras);
        Map<String, Integer> shares = new LinkedHashMap<>();
        for (String carrier : carriers) {
            shares.put(carrier, withExtra.contains(carrier) ? base + 1 : base);
        }
        return shares;
    }

    private static Set<String> withExtra(List<String> ranked, int base, Map<String, Integer> held, int extras) {
        var order = new ArrayList<String>(ranked.size());
        ranked.stream().filter(c -> held.getOrDefault(c, 0) > base).forEach(order::add);
        ranked.stream().filter(c -> held.getOrDefault(c, 0) <= base).forEach(order::add);
        return new HashSet<>(order.subList(0, extras));
    }

    private static List<String> rotated(List<String> carriers, int places) {
        int start = places % carriers.size();
        var rotated = new ArrayList<String>(carriers.subList(start, carriers.size()));
        rotated.addAll(carriers.subList(0, start));
        return rotated;
    }
}
