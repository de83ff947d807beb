package dev.dualwrite.bench.run;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** What the rounds of one group gave. Not thread-safe. */
public final class Results {

    private final Map<String, Map<Metric, List<Double>>> values = new LinkedHashMap<>();

    void add(String contender, Map<Metric, Double> measured) {
        Map<Metric, List<Double>> ofContender =
                values.computeIfAbsent(contender, name -> new EnumMap<Metric, List<Double>>(Metric.class));
        measured.forEach((metric, value) ->
                ofContender.computeIfAbsent(metric, m -> new ArrayList<>()).add(value));
    }

    public Set<String> contenders() {
        return values.keySet();
    }

    /** The values of all rounds, in their order; empty if that was not measured. */
    public List<Double> all(String contender, Metric metric) {
        return values.getOrDefault(contender, Map.of()).getOrDefault(metric, List.of());
    }

    /** The median of all rounds; not a number if there is none. */
    public double median(String contender, Metric metric) {
        return median(all(contender, metric));
    }

    /** The median of the ratios of each round: what disturbed a whole round is the same above and below the line. */
    public double ratio(String contender, String to, Metric metric) {
        List<Double> above = all(contender, metric);
        List<Double> below = all(to, metric);
        return median(IntStream.range(0, Math.min(above.size(), below.size()))
                .mapToObj(i -> above.get(i) / below.get(i))
                .toList());
    }

    static double median(List<Double> values) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
