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
 * What the starter, with a relay and one JDBC sink, adds to the start of a Boot service. Its schema is installed.
 *
 * <p>The goal counts for processes of their own, from the call of the JVM until the service has started, and for a service as
 * users have it: Boot on JDBC with Jackson and a Flyway of its own on its class path, which brings its table up to date and
 * writes and reads an order, as JSON, before it says that it has started. It is compared with the same service whose class path
 * has the starter, the relay and ShedLock, and whose configuration has a sink.
 *
 * <p>Reported without a goal: the same for the leanest service there is, which has neither Jackson nor Flyway, nor connects to
 * its database: everything that the outbox needs of those is on its bill. And for the service as users have it in a JVM that is
 * warm.
 */
public final class StartupGroup implements Group {

    private static final String TABLE = "orders";
    private static final String EXCLUDED = "--spring.autoconfigure.exclude="
            + "dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration,"
            + "dev.dualwrite.relay.autoconfigure.RelayAutoConfiguration";

    /** A process is new each time; a JVM gets warm slowly. */
    private static final int WARM_UPS = 3;

    private static final String WITHOUT = "process, without";
    private static final String WITH = "process, with outbox and relay";
    private static final String LEAN = "lean process, without";
    private static final String LEAN_WITH = "lean process, with outbox and relay";
    private static final String WARM = "warm JVM, without";
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
            List<String> lean = service(primary);
            List<String> service = and(lean, ServiceProcess.WITH_ORDERS);
            List<String> sink = sink(secondary);
            // Installs both schemas.
            ServiceProcess.start(and(service, sink).toArray(String[]::new)).close();
            report(
                    rounds(bench, 0)
                            .measure(List.of(
                                    new ProcessStart(WITHOUT, ClassPath.withoutOutbox(), service),
                                    new ProcessStart(WITH, ClassPath.whole(), and(service, sink)),
                                    new ProcessStart(LEAN, ClassPath.lean(), lean),
                                    new ProcessStart(LEAN_WITH, ClassPath.leanWithOutbox(), and(lean, sink)))),
                    rounds(bench, WARM_UPS * bench.extent().warmUps())
                            .measure(List.of(
                                    new WarmStart(WARM, and(service, List.of(EXCLUDED))),
                                    new WarmStart(WARM_WITH, and(service, sink)))),
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

    private static List<String> sink(Database secondary) {
        String sink = "--dualwrite.sinks." + Relays.SINK + ".";
        return List.of(
                sink + "type=jdbc",
                sink + "url=" + secondary.pool().getJdbcUrl(),
                sink + "username=" + secondary.pool().getUsername(),
                sink + "table=" + TABLE,
                sink + "key-columns=id");
    }

    private static List<String> and(List<String> arguments, List<String> more) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(more);
        return List.copyOf(all);
    }

    private static void report(Results processes, Results warm, Findings findings) {
        findings.table("Start of a service, as a process", processes);
        findings.table("Start of a service, in a warm JVM", warm);
        findings.figure(Figure.atMost(
                "startup of the starter in a service, added", 150, added(processes, WITH, WITHOUT), " ms"));
        findings.figure(Figure.reported(
                "startup, added to the leanest service (no Jackson, no Flyway, no connection)",
                added(processes, LEAN_WITH, LEAN),
                " ms"));
        findings.figure(Figure.reported("startup, added in a JVM that is warm", added(warm, WARM_WITH, WARM), " ms"));
    }

    private static double added(Results results, String with, String without) {
        return results.difference(with, without, Metric.MILLISECONDS);
    }
}
