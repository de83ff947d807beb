package dev.dualwrite.bench.latency;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Extent;
import dev.dualwrite.bench.run.Metric;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** One way at one rate of writes. */
final class AtRate implements Contender {

    /** Seconds of one measurement. */
    private static final double SLICE_SECONDS = 2.8;

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final double MEDIAN = 0.5;
    private static final double NINETY_NINE_OF_HUNDRED = 0.99;

    private final Way way;
    private final Writers writers;
    private final int perSecond;
    private final int entries;

    AtRate(Way way, Writers writers, int perSecond, Extent extent) {
        this.way = way;
        this.writers = writers;
        this.perSecond = perSecond;
        this.entries = extent.count((int) (perSecond * SLICE_SECONDS));
    }

    @Override
    public String name() {
        return way.name() + ", " + perSecond + "/s";
    }

    @Override
    public Map<Metric, Double> measure() throws Exception {
        Slice slice = way.arrivals().next(entries);
        double reached = writers.write(way, slice, perSecond);
        slice.await(PATIENCE);
        double[] latencies = slice.latencies();
        Map<Metric, Double> values = new EnumMap<>(Metric.class);
        values.put(Metric.ENTRIES_PER_SECOND, reached);
        values.put(Metric.P50_MS, quantile(latencies, MEDIAN));
        values.put(Metric.P99_MS, quantile(latencies, NINETY_NINE_OF_HUNDRED));
        return values;
    }

    /** The smallest value that so much of them does not exceed. */
    private static double quantile(double[] ascending, double share) {
        return ascending[(int) Math.ceil(share * ascending.length) - 1];
    }
}
