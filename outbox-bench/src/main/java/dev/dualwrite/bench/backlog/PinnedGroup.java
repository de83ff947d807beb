package dev.dualwrite.bench.backlog;

import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.run.Results;
import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.store.Database;
import java.util.List;

/**
 * A relay beside a transaction that stays open, idle, after a million entries have gone through since it began: what is settled
 * stays in the hot table and in its index, and piles up further from slice to slice.
 *
 * <p>A reader holds back vacuum in its own database only. A writer's transaction id is in the snapshots of its whole server, so
 * it has a server of its own.
 */
public final class PinnedGroup implements Group {

    private static final int BEFORE = 1_000_000;
    private static final int SLICE = 50_000;
    private static final double GOAL = 0.9;

    private static final String FREE = "nothing pinned";
    private static final String READER = "idle reader";
    private static final String WRITER = "idle writer";

    @Override
    public String name() {
        return "pinned";
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        // As many orders: each slice writes every order once.
        int slice = bench.extent().count(SLICE);
        try (Cluster writers = Cluster.start();
                Database secondary = bench.secondary().createDatabase("pinned_copy");
                var free = new PinnedDrain(
                        FREE,
                        "pinned_free",
                        new PinnedDrain.Place(bench.primary(), secondary, slice),
                        primary -> null);
                var reader = new PinnedDrain(
                        READER,
                        "pinned_reader",
                        new PinnedDrain.Place(bench.primary(), secondary, slice),
                        Pin::reader);
                var writer = new PinnedDrain(
                        WRITER, "pinned_writer", new PinnedDrain.Place(writers, secondary, slice), Pin::writer)) {
            for (PinnedDrain drain : List.of(free, reader, writer)) {
                drain.pass(bench.extent().count(BEFORE), bench.progress());
            }
            List<Slice> slices = List.of(free.slice(slice), reader.slice(slice), writer.slice(slice));
            Results results = bench.rounds().measure(slices);
            for (Slice each : slices) {
                each.verify();
            }
            report(findings, results);
        }
    }

    private static void report(Findings findings, Results results) {
        findings.table("Drain while a transaction stays open", results);
        for (String pinned : List.of(READER, WRITER)) {
            findings.figure(Figure.atLeast(
                            "drain with an " + pinned + ", after 1 M entries / free",
                            GOAL,
                            results.ratio(pinned, FREE, Metric.ENTRIES_PER_SECOND))
                    .with("rounds " + results.spread(pinned, FREE, Metric.ENTRIES_PER_SECOND)));
        }
    }
}
