package dev.dualwrite.bench.micro;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Extent;
import dev.dualwrite.bench.run.Metric;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** One benchmark of JMH, run in a JVM of its own; within this one if less than everything is measured. */
final class MicroBenchmark implements Contender {

    private static final Duration ITERATION = Duration.ofSeconds(1);
    private static final int WARM_UPS = 3;
    private static final int ITERATIONS = 5;

    private final String name;
    private final Class<?> benchmark;
    private final Extent extent;

    MicroBenchmark(String name, Class<?> benchmark, Extent extent) {
        this.name = name;
        this.benchmark = benchmark;
        this.extent = extent;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<Metric, Double> measure() throws RunnerException {
        boolean full = extent.divisor() == 1;
        TimeValue iteration = new TimeValue(extent.time(ITERATION).toNanos(), TimeUnit.NANOSECONDS);
        // Another build on this machine may measure too: figures are compared within a run only.
        System.setProperty("jmh.ignoreLock", "true");
        double nanos = new Runner(new OptionsBuilder()
                        .include("^" + Pattern.quote(benchmark.getName()) + "\\.")
                        .mode(Mode.AverageTime)
                        .timeUnit(TimeUnit.NANOSECONDS)
                        .forks(full ? 1 : 0)
                        .warmupIterations(full ? WARM_UPS : 0)
                        .warmupTime(iteration)
                        .measurementIterations(full ? ITERATIONS : 1)
                        .measurementTime(iteration)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .runSingle()
                .getPrimaryResult()
                .getScore();
        return Map.of(Metric.NANOSECONDS, nanos);
    }
}
