package dev.dualwrite.bench.run;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

    /** The median of the differences of each round. */
    public double difference(String contender, String from, Metric metric) {
        List<Double> more = all(contender, metric);
        List<Double> less = all(from, metric);
        return median(IntStream.range(0, Math.min(more.size(), less.size()))
                .mapToObj(i -> more.get(i) - less.get(i))
                .toList());
    }

    /** The smallest and the largest ratio of a round, as in "0.74 to 1.17". */
    public String spread(String contender, String to, Metric metric) {
        List<Double> above = all(contender, metric);
        List<Double> below = all(to, metric);
        DoubleSummaryStatistics ratios = IntStream.range(0, Math.min(above.size(), below.size()))
                .mapToDouble(i -> above.get(i) / below.get(i))
                .summaryStatistics();
        return String.format(Locale.ROOT, "%.2f to %.2f", ratios.getMin(), ratios.getMax());
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
