package dev.dualwrite.bench.backlog;

import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.run.Progress;
import dev.dualwrite.bench.run.Results;
import dev.dualwrite.bench.store.Database;
import java.util.List;

/**
 * A relay in a small heap before a small, a large and a very large backlog: three databases of one server, slices in turns.
 *
 * <p>Every entry updates a row, of tables of the same size. The backlogs are vacuumed and written out before the first slice,
 * as they would be by themselves while they grow; what vacuum does from then on is part of what is measured.
 */
public final class BacklogGroup implements Group {

    private static final int SMALL = 10_000;
    private static final int LARGE = 1_000_000;
    private static final int HUGE = 10_000_000;
    private static final int SLICE = 130_000;
    private static final int ORDERS = 100_000;
    private static final double GOAL = 0.95;
    private static final double MIB = 1 << 20;

    @Override
    public String name() {
        return "backlog";
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        int orders = bench.extent().count(ORDERS);
        try (Database secondary = bench.secondary().createDatabase("backlog_copy");
                var small = backlog(bench, secondary, "backlog_small", orders);
                var large = backlog(bench, secondary, "backlog_large", orders);
                var huge = backlog(bench, secondary, "backlog_huge", orders)) {
            fill(bench, large, bench.extent().count(LARGE));
            fill(bench, huge, bench.extent().count(HUGE));
            bench.secondary().checkpoint();
            try (var relays = new RelayProcess(List.of(small, large, huge), secondary)) {
                int slice = bench.extent().count(SLICE);
                var ofSmall = new SmallBacklog(
                        "10 k",
                        small,
                        relays.relay(0),
                        new SmallBacklog.Extent(bench.extent().count(SMALL), slice));
                Slice ofLarge = Slice.of("1 M", large, relays.relay(1), slice);
                Slice ofHuge = Slice.of("10 M", huge, relays.relay(2), slice);
                Results results = bench.rounds().measure(List.of(ofSmall, ofLarge, ofHuge));
                bench.progress().say("looking for losses");
                ofSmall.verify();
                ofLarge.verify();
                ofHuge.verify();
                bench.progress().say("nothing was lost");
                long[] heap = relays.heap();
                report(findings, results, ofHuge.longestPauseMillis());
                findings.figure(Figure.reported(
                        "drain at a backlog of 10 M / at 10 k, first claims of 10 k counted",
                        results.median(ofHuge.name(), Metric.ENTRIES_PER_SECOND) / ofSmall.rateFromWake(),
                        ""));
                findings.figure(Figure.reported(
                        "heap of the relays at backlogs, of " + Math.round(heap[0] / MIB) + " MiB",
                        heap[1] / MIB,
                        " MiB at most"));
            }
        }
    }

    private static Backlog backlog(Bench bench, Database secondary, String name, int orders) {
        return new Backlog(bench.primary(), name, secondary, orders);
    }

    private static void fill(Bench bench, Backlog backlog, int entries) throws Exception {
        Progress progress = bench.progress();
        progress.say("filling a backlog of " + entries);
        backlog.pause();
        backlog.fill(entries);
        progress.say("vacuum and checkpoint");
        backlog.primary().run("VACUUM ANALYZE dualwrite.outbox_entry");
        bench.primary().checkpoint();
    }

    private static void report(Findings findings, Results results, double longestPauseMillis) {
        findings.table("Drain at a backlog", results);
        findings.chart("Drain at a backlog, entries a second", results, Metric.ENTRIES_PER_SECOND);
        for (String large : List.of("1 M", "10 M")) {
            findings.figure(Figure.atLeast(
                            "drain at a backlog of " + large + " / at 10 k, heap of " + RelayProcess.HEAP_MIB + " MiB",
                            GOAL,
                            results.ratio(large, "10 k", Metric.ENTRIES_PER_SECOND))
                    .with("rounds " + results.spread(large, "10 k", Metric.ENTRIES_PER_SECOND)));
        }
        findings.figure(
                Figure.reported("longest time between two applies at a backlog of 10 M", longestPauseMillis, " ms"));
    }
}
