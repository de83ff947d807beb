package dev.dualwrite.bench.idle;

import com.sun.management.OperatingSystemMXBean;
import dev.dualwrite.bench.pod.Place;
import dev.dualwrite.bench.pod.Pod;
import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.store.Database;
import dev.dualwrite.bench.store.Orders;
import dev.dualwrite.bench.store.Usage;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A service with a relay of its own at the defaults, and nothing to do. The processor time is that of everything in the primary's
 * server and in this process: also of what is not the relay's, so it is never too small.
 */
public final class IdleGroup implements Group {

    private static final String TABLE = "orders";
    private static final Duration LEASE_THIRD = Duration.ofSeconds(10);

    /** Two thirds of a lease: a whole number of them, so that where it begins makes no difference. */
    private static final Duration OBSERVED = LEASE_THIRD.multipliedBy(2);

    /** The start is over, and renewals are due in the middle of what is observed and not at its edges. */
    private static final Duration BEFORE = Duration.ofSeconds(4);

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final double NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int SECONDS_PER_MINUTE = 60;

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        try (Database primary = bench.primary().createDatabase("idle");
                Database secondary = bench.secondary().createDatabase("idle_copy")) {
            Orders.createTable(secondary, TABLE);
            try (Pod pod = Pod.relaying(Place.of(primary).counted(), Relays.sink(secondary, TABLE), entries -> {})) {
                rest(bench.extent().time(BEFORE));
                observe(bench, primary, findings);
            }
        }
    }

    private static void observe(Bench bench, Database primary, Findings findings) {
        var os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        try (var statements = new Statements(primary)) {
            Usage before = primary.cluster().usage();
            long javaBefore = os.getProcessCpuTime();
            long begin = System.nanoTime();
            rest(bench.extent().time(OBSERVED));
            double seconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
            double javaNanos = os.getProcessCpuTime() - javaBefore;
            double databaseNanos = primary.cluster().usage().since(before).cpuNanos();
            Statements.Calls calls = statements.calls();
            calls.others().forEach((text, times) -> bench.progress().say("other: " + times + " × " + text));
            statements(calls, seconds, findings);
            findings.figure(processorTime("primary", databaseNanos, seconds));
            findings.figure(processorTime("process", javaNanos, seconds));
        }
    }

    private static void statements(Statements.Calls calls, double seconds, Findings findings) {
        double thirds = seconds / LEASE_THIRD.toSeconds();
        findings.figure(Figure.atMost(
                "idle relay: polls and looks at the lanes a second",
                1,
                (calls.of(Kind.POLL) + calls.of(Kind.LOOK_AT_LANES)) / seconds,
                ""));
        findings.figure(
                Figure.atMost("idle relay: renewals in a third of a lease", 1, calls.of(Kind.RENEWAL) / thirds, ""));
        findings.figure(Figure.atMost(
                "idle relay: heartbeats in a third of a lease", 1, calls.of(Kind.HEARTBEAT) / thirds, ""));
        findings.figure(Figure.reported(
                "idle relay: BEGIN, settings and COMMIT around those, a second", calls.of(Kind.OTHER) / seconds, ""));
    }

    private static Figure processorTime(String whose, double nanos, double seconds) {
        return Figure.reported(
                "idle relay: CPU of the whole " + whose + " in a minute",
                nanos / NANOS_PER_MILLI * SECONDS_PER_MINUTE / seconds,
                " ms");
    }

    private static void rest(Duration time) {
        long until = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
