package dev.dualwrite.bench.producer;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.store.Cluster;
import dev.dualwrite.bench.store.Usage;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Transactions of one kind for a while, from all writers. */
final class Slice implements Contender {

    private final String name;
    private final Shop.Work work;
    private final int entriesEach;
    private final Bench bench;

    /** What all slices share. */
    record Bench(Cluster primary, Books books, Writers writers, Duration time) {}

    Slice(String name, Shop.Work work, int entriesEach, Bench bench) {
        this.name = name;
        this.work = work;
        this.entriesEach = entriesEach;
        this.bench = bench;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<Metric, Double> measure() throws Exception {
        bench.books().open();
        Usage before = bench.primary().usage();
        long begin = System.nanoTime();
        long transactions = bench.writers().run(bench.time(), work);
        double seconds = (System.nanoTime() - begin) / (double) TimeUnit.SECONDS.toNanos(1);
        Usage used = bench.primary().usage().since(before);
        bench.books().verify(name, transactions, entriesEach);
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        values.put(Metric.TRANSACTIONS_PER_SECOND, transactions / seconds);
        values.put(Metric.DATABASE_CPU, used.cpuNanos() / TimeUnit.MICROSECONDS.toNanos(1) / transactions);
        values.put(Metric.WAL_BYTES, (double) used.walBytes() / transactions);
        return values;
    }
}
