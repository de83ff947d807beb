package dev.dualwrite.bench.drain;

import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.run.Results;
import java.util.List;

/** The relay with a backlog before it, beside what one connection to the secondary can do. */
public final class DrainGroup implements Group {

    private static final int ENTRIES = 200_000;

    /** For what takes a millisecond an entry. */
    private static final int FEW_ENTRIES = 2_000;

    @Override
    public String name() {
        return "drain";
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        int entries = bench.extent().count(ENTRIES);
        try (var upserts = new BatchedUpserts(
                        bench.secondary(), new Measured(bench.primary(), bench.secondary()), entries);
                var copy = new Copy(bench.secondary(), new Measured(bench.primary(), bench.secondary()), entries);
                var naive = new SkipLockedRelay(bench, bench.extent().count(FEW_ENTRIES));
                var oneLane = new RelayDrain(bench, "relay, one lane", 1, new RelayDrain.Backlog(entries, 1));
                var twoLanes = new RelayDrain(bench, "relay, two lanes", 2, new RelayDrain.Backlog(entries, 1));
                var hot = new RelayDrain(
                        bench, "relay, one hot aggregate", 1, new RelayDrain.Backlog(entries, entries))) {
            Results results = bench.rounds().measure(List.of(upserts, copy, naive, oneLane, twoLanes, hot));
            findings.table("Drain", results);
            findings.chart("Drain, entries a second", results, Metric.ENTRIES_PER_SECOND);
            findings.figure(Figure.atLeast(
                            "drain, one lane / L2",
                            0.85,
                            results.ratio(oneLane.name(), upserts.name(), Metric.ENTRIES_PER_SECOND))
                    .with("rounds " + results.spread(oneLane.name(), upserts.name(), Metric.ENTRIES_PER_SECOND)));
            findings.figure(Figure.atLeast(
                            "drain, two lanes / L2",
                            1.3,
                            results.ratio(twoLanes.name(), upserts.name(), Metric.ENTRIES_PER_SECOND))
                    .with("rounds " + results.spread(twoLanes.name(), upserts.name(), Metric.ENTRIES_PER_SECOND)));
            findings.figure(Figure.atMost(
                    "database CPU of an entry, one lane / L2",
                    1.4,
                    results.ratio(oneLane.name(), upserts.name(), Metric.DATABASE_CPU),
                    ""));
            findings.figure(Figure.atMost(
                    "statements of a drained entry on both servers, batches of 1,000",
                    0.01,
                    oneLane.statementsOfAnEntry(),
                    ""));
            findings.figure(Figure.reported(
                    "drain, one lane / L3", results.ratio(oneLane.name(), copy.name(), Metric.ENTRIES_PER_SECOND), ""));
            findings.figure(Figure.reported(
                    "drain, one lane / L4",
                    results.ratio(oneLane.name(), naive.name(), Metric.ENTRIES_PER_SECOND),
                    ""));
            findings.figure(Figure.atLeast(
                            "one hot aggregate / L2",
                            3,
                            results.ratio(hot.name(), upserts.name(), Metric.ENTRIES_PER_SECOND))
                    .with("rounds " + results.spread(hot.name(), upserts.name(), Metric.ENTRIES_PER_SECOND)));
        }
    }
}
