package dev.dualwrite.bench.pods;

import dev.dualwrite.bench.pods.PodsDrain.Crowd;
import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.run.Results;
import java.util.List;

/** Eight relays beside one, on the same machine with the same number of lanes: what they cost each other. */
public final class PodsGroup implements Group {

    private static final int ENTRIES = 100_000;
    private static final int SHARDS = 32;
    private static final Crowd ONE = new Crowd(1, SHARDS);
    private static final Crowd MANY = new Crowd(8, SHARDS);

    /** Enough to see that it works. */
    private static final Crowd TWO = new Crowd(2, SHARDS);

    @Override
    public String name() {
        return "pods";
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        int entries = bench.extent().count(ENTRIES);
        try (var one = new PodsDrain(bench, ONE, entries);
                var many = new PodsDrain(bench, bench.extent().isFull() ? MANY : TWO, entries)) {
            for (PodsDrain drain : List.of(one, many)) {
                if (bench.extent().isFull()) {
                    drain.awaitShares();
                } else {
                    drain.awaitLanes();
                }
            }
            Results results = bench.rounds().measure(List.of(one, many));
            findings.table("Pods that share 32 lanes", results);
            findings.figure(Figure.atLeast(
                            "drain, 8 pods / 1 pod",
                            0.9,
                            results.ratio(many.name(), one.name(), Metric.ENTRIES_PER_SECOND))
                    .with("rounds " + results.spread(many.name(), one.name(), Metric.ENTRIES_PER_SECOND)));
            findings.figure(Figure.reported(
                    "database CPU of an entry, 8 pods / 1 pod",
                    results.ratio(many.name(), one.name(), Metric.DATABASE_CPU),
                    ""));
        }
    }
}
