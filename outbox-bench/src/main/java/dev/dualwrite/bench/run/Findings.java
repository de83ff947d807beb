package dev.dualwrite.bench.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run has found so far. Not thread-safe. */
public final class Findings {

    private final List<Figure> figures = new ArrayList<>();
    private final Map<String, Results> tables = new LinkedHashMap<>();
    private final List<Bars> charts = new ArrayList<>();

    /**
     * A picture of one metric of several contenders.
     *
     * @param title says the unit
     * @param bars value by contender, in the order in which they are drawn
     */
    public record Bars(String title, Map<String, Double> bars) {
        public Bars {
            bars = new LinkedHashMap<>(bars);
        }
    }

    public void figure(Figure figure) {
        figures.add(figure);
    }

    /** The medians of everything that was measured, as a table. */
    public void table(String title, Results results) {
        tables.put(title, results);
    }

    /** The medians of one metric, as bars. */
    public void chart(String title, Results results, Metric metric) {
        var bars = new LinkedHashMap<String, Double>();
        results.contenders().forEach(contender -> {
            double median = results.median(contender, metric);
            if (!Double.isNaN(median)) {
                bars.put(contender, median);
            }
        });
        charts.add(new Bars(title, bars));
    }

    /** Shows the figures to whoever waits. */
    public void print(Progress progress) {
        figures.forEach(f -> progress.say(f.what() + ": " + f.measured()
                + (f.goal().isEmpty() ? "" : ", goal " + f.goal() + ", " + f.verdict())));
    }

    /** What was found so far, in its order. */
    public List<Figure> figures() {
        return List.copyOf(figures);
    }

    Map<String, Results> tables() {
        return tables;
    }

    List<Bars> charts() {
        return charts;
    }
}
