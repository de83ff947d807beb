package dev.dualwrite.bench.startup;

import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.bench.run.Extent;
import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.run.Results;
import dev.dualwrite.bench.run.Rounds;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;
import java.util.ArrayList;
import java.util.List;

/**
 * What the starter, with a relay and one JDBC sink, adds to the start of a Boot service on plain JDBC. Its schema is installed.
 *
 * <p>The goal counts for processes of their own, and against the leanest service there is: its class path lacks not only the
 * outbox but all that came with it, Jackson too, and it does not even connect to its database before it says that it has
 * started. What is left if it does that, and in a JVM that is warm, is reported.
 */
public final class StartupGroup implements Group {

    private static final String TABLE = "orders";
    private static final String EXCLUDED = "--spring.autoconfigure.exclude="
            + "dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration,"
            + "dev.dualwrite.relay.autoconfigure.RelayAutoConfiguration";

    /** A process is new each time; a JVM gets warm slowly. */
    private static final int WARM_UPS = 3;

    private static final String PROCESS = "process, without";
    private static final String PROCESS_ASKING = "process, without, asks its database";
    private static final String PROCESS_WITH = "process, with outbox and relay";
    private static final String WARM = "warm JVM, without, asks its database";
    private static final String WARM_WITH = "warm JVM, with outbox and relay";

    @Override
    public String name() {
        return "startup";
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        try (Database primary = bench.primary().createDatabase("startup");
                Database secondary = bench.secondary().createDatabase("startup_copy")) {
            Orders.createTable(secondary, TABLE);
            List<String> plain = service(primary);
            List<String> asking = and(plain, ServiceProcess.ASKS);
            List<String> outbox = and(asking, sink(secondary));
            // Installs the schema.
            ServiceProcess.start(outbox.toArray(String[]::new)).close();
            report(
                    rounds(bench, 0)
                            .measure(List.of(
                                    new ProcessStart(PROCESS, ClassPath.withoutOutbox(), plain),
                                    new ProcessStart(PROCESS_ASKING, ClassPath.withoutOutbox(), asking),
                                    new ProcessStart(PROCESS_WITH, ClassPath.whole(), outbox))),
                    rounds(bench, WARM_UPS * bench.extent().warmUps())
                            .measure(List.of(
                                    new WarmStart(WARM, and(asking, EXCLUDED)), new WarmStart(WARM_WITH, outbox))),
                    findings);
        }
    }

    private static Rounds rounds(Bench bench, int warmUps) {
        Extent extent = bench.extent();
        return new Rounds(bench.progress(), new Extent(extent.rounds(), warmUps, extent.divisor()));
    }

    private static List<String> service(Database primary) {
        return List.of(
                "--spring.datasource.url=" + primary.pool().getJdbcUrl(),
                "--spring.datasource.username=" + primary.pool().getUsername());
    }

    private static String[] sink(Database secondary) {
        String sink = "--dualwrite.sinks." + Relays.SINK + ".";
        return new String[] {
            sink + "type=jdbc",
            sink + "url=" + secondary.pool().getJdbcUrl(),
            sink + "username=" + secondary.pool().getUsername(),
            sink + "table=" + TABLE,
            sink + "key-columns=id"
        };
    }

    private static List<String> and(List<String> arguments, String... more) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return List.copyOf(all);
    }

    private static void report(Results processes, Results warm, Findings findings) {
        findings.table("Start of a service, as a process", processes);
        findings.table("Start of a service, in a warm JVM", warm);
        findings.figure(Figure.atMost(
                "startup of the starter in a service, added", 150, added(processes, PROCESS_WITH, PROCESS), " ms"));
        findings.figure(Figure.reported(
                "startup, added to a service that asks its database when it starts",
                added(processes, PROCESS_WITH, PROCESS_ASKING),
                " ms"));
        findings.figure(Figure.reported("startup, added in a JVM that is warm", added(warm, WARM_WITH, WARM), " ms"));
    }

    private static double added(Results results, String with, String without) {
        return results.median(with, Metric.MILLISECONDS) - results.median(without, Metric.MILLISECONDS);
    }
}
