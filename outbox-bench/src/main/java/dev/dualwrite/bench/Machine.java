package dev.dualwrite.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.dualwrite.bench.store.Cluster;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.Optional;
import java.util.stream.Stream;

/** Where and when it was measured. */
final class Machine {

    private static final long GIB = 1L << 30;

    private final Cluster cluster;

    Machine(Cluster cluster) {
        this.cluster = cluster;
    }

    /** As in "PostgreSQL 18". */
    String server() {
        return "PostgreSQL " + cluster.version();
    }

    String describe() {
        long memory = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
        return "%d cores (%s), %d GiB, %s, JDK %s, PostgreSQL %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        processor(),
                        (memory + GIB / 2) / GIB,
                        System.getProperty("os.name"),
                        System.getProperty("java.version"),
                        cluster.versionText());
    }

    String circumstances() {
        return "Measured on " + LocalDate.now(Clock.systemUTC()) + " on " + describe()
                + ": two servers, the benchmark and its relays share that machine.";
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            Optional<String> model =
                    lines.filter(line -> line.startsWith("model name")).findFirst();
            return model.map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
