package dev.dualwrite.bench.wal;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Extent;
import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.run.Rounds;
import dev.dualwrite.bench.store.Cluster;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The log that one entry costs the primary, from its append in a transaction of its own to its settle in a batch of 1000.
 * Records are counted, not timed: so one round does.
 *
 * <p>Where the goal leaves it open, the larger number is taken: records count with the padding behind them and with the page
 * headers of the log, and so does what is not vacuum but like it, and what the relay wrote meanwhile for its lease.
 */
public final class WalGroup implements Group {

    private static final int ENTRIES = 3000;
    private static final int BATCH = 1000;

    @Override
    public String name() {
        return "wal";
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        int entries = bench.extent().count(ENTRIES);
        try (var life = new LifeOfEntries(bench.primary(), "wal_replica", entries)) {
            life.checkLevel("replica");
            LogUse use = life.use(1);
            table("replica", use, bench, findings);
            findings.figure(
                    Figure.atMost("WAL of an entry of 300 bytes, append to settle", 560, use.perEntry(), " bytes"));
            findings.figure(Figure.reported(
                    "the same, appended in transactions of " + BATCH,
                    life.use(BATCH).perEntry(),
                    " bytes"));
        }
        try (Cluster cluster = Cluster.start(Cluster.settings().withSetting("wal_level", "logical"));
                var life = new LifeOfEntries(cluster, "wal_logical", entries)) {
            life.checkLevel("logical");
            LogUse use = life.use(1);
            table("logical", use, bench, findings);
            findings.figure(Figure.reported("the same at wal_level = logical", use.perEntry(), " bytes"));
        }
    }

    private static void table(String level, LogUse use, Bench bench, Findings findings) throws Exception {
        List<Contender> parts = Arrays.stream(Part.values())
                .<Contender>map(part -> new Share(part.title(), use.perEntry(part)))
                .toList();
        findings.table(
                "WAL of an entry of 300 bytes, wal_level = " + level,
                new Rounds(bench.progress(), new Extent(1, 0, 1)).measure(parts));
    }

    /** One line of the table. */
    private record Share(String name, double bytes) implements Contender {

        @Override
        public Map<Metric, Double> measure() {
            return Map.of(Metric.WAL_BYTES, bytes);
        }
    }
}
