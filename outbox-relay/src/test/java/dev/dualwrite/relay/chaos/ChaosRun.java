package dev.dualwrite.relay.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run: faults while writers write, then peace, then the history is checked. */
final class ChaosRun {

    private static final Logger LOG = LoggerFactory.getLogger(ChaosRun.class);

    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(90);

    private final Cluster cluster;
    private final List<Fault> kinds;
    private final Map<String, Integer> struck = new TreeMap<>();
    private final long seed;

    private ChaosRun(Cluster cluster, List<Fault> kinds, long seed) {
        this.cluster = cluster;
        this.kinds = kinds;
        this.seed = seed;
    }

    /**
     * When a run has had enough: every kind was there, and these are reached.
     *
     * @param faults at least so many
     * @param time at least so long
     */
    record Enough(int faults, Duration time) {}

    static void run(List<Fault> kinds, Enough enough) throws Exception {
        long seed = Long.getLong("dualwrite.seed", System.nanoTime() & 0xffff_ffffL);
        LOG.info("chaos_begins seed={} (repeat with -Ddualwrite.seed={})", seed, seed);
        try (var cluster = new Cluster(new Cluster.Start(seed, 120, false))) {
            var run = new ChaosRun(cluster, kinds, seed);
            cluster.writers.start(seed);
            run.strikeUntil(enough);
            run.heal();
            run.report(run.check());
        }
    }

    private void strikeUntil(Enough enough) throws Exception {
        long end = System.nanoTime() + enough.time().toNanos();
        int number = 0;
        List<Fault> round = List.of();
        // Whole rounds in random order: each kind as often as the others, and after each of the others some time.
        while (number < Math.max(kinds.size(), enough.faults()) || System.nanoTime() < end) {
            if (round.isEmpty()) {
                round = new ArrayList<>(kinds);
                Collections.shuffle(round, cluster.random);
            }
            Fault fault = round.remove(round.size() - 1);
            strike(++number, fault);
        }
    }

    private void strike(int number, Fault fault) throws Exception {
        long begin = System.nanoTime();
        try {
            fault.strike(cluster);
        } catch (Exception | AssertionError e) {
            throw new AssertionError(fault.name() + ", fault " + number + " of seed " + seed + ", failed", e);
        }
        struck.merge(fault.name(), 1, Integer::sum);
        LOG.info(
                "chaos_fault number={} kind={} ms={} {}",
                number,
                fault.name(),
                Duration.ofNanos(System.nanoTime() - begin).toMillis(),
                cluster.writers.counts());
        cluster.pace.pause(200 + cluster.random.nextInt(1000));
        cluster.startDeadPods();
    }

    private void heal() throws Exception {
        cluster.give(UnreliableSink.Order.NONE);
        cluster.startDeadPods();
        cluster.writers.stop();
        cluster.writers.writeAll(cluster.random);
        awaitDrained();
    }

    private void awaitDrained() throws Exception {
        long begin = System.nanoTime();
        while (!Outbox.isEmpty(cluster.primary.store())) {
            cluster.startDeadPods();
            cluster.pace.pause(100);
            if (System.nanoTime() - begin > DRAIN_LIMIT.toNanos()) {
                cluster.dumpThreads();
                throw new AssertionError("seed " + seed + ": not applied " + DRAIN_LIMIT + " after the last fault:\n"
                        + String.join("\n", Outbox.stuck(cluster.primary.store())));
            }
        }
        LOG.info(
                "chaos_drained ms={}",
                Duration.ofNanos(System.nanoTime() - begin).toMillis());
    }

    private History check() throws SQLException {
        History history = History.of(cluster);
        List<String> violations = Histories.violations(history);
        assertThat(violations).as("seed %d: violations of %s", seed, struck).isEmpty();
        history.ofLastEpoch().assertClean();
        assertThat(history.effects()).as("effects").hasSizeGreaterThan(Ledger.AGGREGATES);
        return history;
    }

    private void report(History history) throws IOException {
        var table = new StringBuilder("| fault | times |\n|---|---|\n");
        struck.forEach((name, times) ->
                table.append("| ").append(name).append(" | ").append(times).append(" |\n"));
        int faults = struck.values().stream().mapToInt(Integer::intValue).sum();
        String text = "seed " + seed + ": " + faults + " faults of " + struck.size() + " kinds, "
                + cluster.primary.failOvers() + " of them failovers; " + Histories.counts(history)
                + "; 0 violations\n\n" + table;
        LOG.info("chaos_ends {}", text);
        Files.writeString(Path.of("target", "chaos-report.md"), text);
    }
}
