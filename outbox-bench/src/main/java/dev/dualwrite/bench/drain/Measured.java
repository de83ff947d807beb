package dev.dualwrite.bench.drain;

import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.store.Usage;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Time and use of both servers of one piece of work, for each entry. */
final class Measured {

    private final Cluster primary;
    private final Cluster secondary;

    Measured(Cluster primary, Cluster secondary) {
        this.primary = primary;
        this.secondary = secondary;
    }

    /** What is measured. */
    interface Work {
        void run() throws Exception;
    }

    Map<Metric, Double> of(int entries, Work work) throws Exception {
        Usage primaryBefore = primary.usage();
        Usage secondaryBefore = secondary.usage();
        long begin = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - begin) / (double) TimeUnit.SECONDS.toNanos(1);
        Usage primaryUsed = primary.usage().since(primaryBefore);
        Usage secondaryUsed = secondary.usage().since(secondaryBefore);
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        values.put(Metric.ENTRIES_PER_SECOND, entries / seconds);
        values.put(
                Metric.DATABASE_CPU,
                (primaryUsed.cpuNanos() + secondaryUsed.cpuNanos()) / TimeUnit.MICROSECONDS.toNanos(1) / entries);
        values.put(Metric.WAL_BYTES, (double) (primaryUsed.walBytes() + secondaryUsed.walBytes()) / entries);
        return values;
    }
}
