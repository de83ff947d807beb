package dev.dualwrite.bench.latency;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.run.Results;
import java.util.ArrayList;
import java.util.List;

/**
 * From the commit at the primary until the commit at the secondary is known, with eight writers at two rates, each entry of
 * another aggregate. A p99 is the median of those of the rounds.
 */
public final class LatencyGroup implements Group {

    private static final int SLOW = 200;
    private static final int FAST = 1000;
    private static final String MS = " ms";

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        try (Way floor = new SynchronousWay(Stores.create(bench, "floor"));
                Way same = RelayedWay.samePod(Stores.create(bench, "same"));
                Way other = RelayedWay.otherPod(Stores.create(bench, "other"));
                Writers writers = new Writers()) {
            List<Way> ways = List.of(floor, same, other);
            List<Contender> contenders = new ArrayList<>();
            for (int perSecond : new int[] {FAST, SLOW}) {
                ways.forEach(way -> contenders.add(new AtRate(way, writers, perSecond, bench.extent())));
            }
            Results results = bench.rounds().measure(contenders);
            ways.forEach(Way::verify);
            findings.table("Commit to visible in the secondary", results);
            findings.chart("Commit to visible, p50 in ms", results, Metric.P50_MS);
            findings.chart("Commit to visible, p99 in ms", results, Metric.P99_MS);
            List<String> names = contenders.stream().map(Contender::name).toList();
            figures(new Named(results, names), findings);
        }
    }

    /** Results, and the names of the contenders in their order. */
    private record Named(Results results, List<String> names) {
        double median(int contender, Metric metric) {
            return results.median(names.get(contender), metric);
        }
    }

    private static void figures(Named of, Findings findings) {
        String same = "commit to visible, same pod, ";
        String other = "commit to visible, other pod, ";
        findings.figure(Figure.atMost(
                same + "200/s: p50 / L5",
                1.5,
                of.results().ratio(of.names().get(4), of.names().get(3), Metric.P50_MS),
                ""));
        findings.figure(Figure.atMost(same + "200/s: p99", 8, of.median(4, Metric.P99_MS), MS));
        findings.figure(Figure.atMost(same + "1,000/s: p50", 5, of.median(1, Metric.P50_MS), MS));
        findings.figure(Figure.atMost(same + "1,000/s: p99", 25, of.median(1, Metric.P99_MS), MS));
        findings.figure(Figure.atMost(other + "200/s: p50", 15, of.median(5, Metric.P50_MS), MS));
        findings.figure(Figure.atMost(other + "200/s: p99", 60, of.median(5, Metric.P99_MS), MS));
        findings.figure(Figure.atMost(other + "1,000/s: p50", 15, of.median(2, Metric.P50_MS), MS));
        findings.figure(Figure.atMost(other + "1,000/s: p99", 60, of.median(2, Metric.P99_MS), MS));
    }
}
