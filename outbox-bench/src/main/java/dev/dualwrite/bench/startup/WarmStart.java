package dev.dualwrite.bench.startup;

import dev.dualwrite.bench.run.Contender;
import dev.dualwrite.bench.run.Metric;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.springframework.context.ConfigurableApplicationContext;

/** The start of a service in this JVM, whose classes are loaded and compiled: what is left is its own work. */
final class WarmStart implements Contender {

    private final String name;
    private final List<String> arguments;

    WarmStart(String name, List<String> arguments) {
        this.name = name;
        this.arguments = arguments;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<Metric, Double> measure() {
        long begin = System.nanoTime();
        try (ConfigurableApplicationContext context = ServiceProcess.start(arguments.toArray(String[]::new))) {
            double millis = (System.nanoTime() - begin) / (double) TimeUnit.MILLISECONDS.toNanos(1);
            if (!context.isRunning()) {
                throw new IllegalStateException(name + " does not run");
            }
            return Map.of(Metric.MILLISECONDS, millis);
        }
    }
}
