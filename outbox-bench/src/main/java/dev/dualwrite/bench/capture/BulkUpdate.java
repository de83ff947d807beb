package dev.dualwrite.bench.capture;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.store.Usage;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One UPDATE of every account. */
final class BulkUpdate implements Contender {

    private final String name;
    private final Tellers tellers;
    private final boolean captured;

    BulkUpdate(String name, Tellers tellers, boolean captured) {
        this.name = name;
        this.tellers = tellers;
        this.captured = captured;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<Metric, Double> measure() {
        tellers.open();
        // Else one of the two would pay for the images of pages that the other one is spared.
        tellers.database().cluster().checkpoint();
        Usage before = tellers.database().cluster().usage();
        long begin = System.nanoTime();
        tellers.database().run("UPDATE account SET balance = balance + 1");
        double seconds = (System.nanoTime() - begin) / (double) TimeUnit.SECONDS.toNanos(1);
        Usage used = tellers.database().cluster().usage().since(before);
        int rows = tellers.accounts();
        if (tellers.entries() != (captured ? rows : 0)) {
            throw new IllegalStateException(
                    name + ": " + rows + " rows were updated, and " + tellers.entries() + " entries written");
        }
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        values.put(Metric.ROWS_PER_SECOND, rows / seconds);
        values.put(Metric.DATABASE_CPU, used.cpuNanos() / TimeUnit.MICROSECONDS.toNanos(1) / rows);
        values.put(Metric.WAL_BYTES, (double) used.walBytes() / rows);
        return values;
    }
}
