package dev.dualwrite.bench.capture;

import dev.dualwrite.bench.run.Figure;
import dev.dualwrite.bench.run.Findings;
import dev.dualwrite.bench.run.Group;
import dev.dualwrite.bench.run.Metric;
import dev.dualwrite.bench.run.Results;
import java.time.Duration;
import java.util.List;

/**
 * Capture by trigger: TPC-B-like transactions on four tables that are captured for one sink, and on the same tables without; and
 * one UPDATE of 100,000 rows. No relay runs: what it costs is measured elsewhere.
 */
public final class CaptureGroup implements Group {

    private static final int ACCOUNTS = 100_000;
    private static final Duration SLICE = Duration.ofSeconds(5);

    private static final String PLAIN = "TPC-B-like, uncaptured";
    private static final String CAPTURED = "TPC-B-like, four tables captured";
    private static final String BULK_PLAIN = "bulk UPDATE, uncaptured";
    private static final String BULK_CAPTURED = "bulk UPDATE, captured";

    @Override
    public String name() {
        return "capture";
    }

    @Override
    public void measure(Bench bench, Findings findings) throws Exception {
        int accounts = bench.extent().count(ACCOUNTS);
        Duration time = bench.extent().time(SLICE);
        try (Tellers plain = Tellers.create(bench.primary().createDatabase("uncaptured"), accounts, false);
                Tellers captured = Tellers.create(bench.primary().createDatabase("captured"), accounts, true)) {
            bench.primary().checkpoint();
            Results transactions = bench.rounds()
                    .measure(List.of(
                            new TellerSlice(PLAIN, plain, time, 0), new TellerSlice(CAPTURED, captured, time, 4)));
            Results bulk = bench.rounds()
                    .measure(List.of(
                            new BulkUpdate(BULK_PLAIN, plain, false), new BulkUpdate(BULK_CAPTURED, captured, true)));
            report(transactions, bulk, findings);
        }
    }

    private static void report(Results transactions, Results bulk, Findings findings) {
        findings.table("Capture by trigger, per transaction", transactions);
        findings.table("Capture by trigger, per row of a bulk UPDATE", bulk);
        findings.figure(Figure.reported(
                "capture by trigger, TPC-B-like with four captured tables / uncaptured: throughput",
                transactions.ratio(CAPTURED, PLAIN, Metric.TRANSACTIONS_PER_SECOND),
                ""));
        findings.figure(Figure.reported(
                "capture by trigger, TPC-B-like with four captured tables / uncaptured: p50",
                transactions.ratio(CAPTURED, PLAIN, Metric.P50_MS),
                ""));
        findings.figure(Figure.reported(
                "capture by trigger, database CPU of one more entry",
                transactions.difference(CAPTURED, PLAIN, Metric.DATABASE_CPU) / 4,
                " µs"));
        findings.figure(Figure.reported(
                "capture by trigger, log of one more entry",
                transactions.difference(CAPTURED, PLAIN, Metric.WAL_BYTES) / 4,
                " bytes"));
        findings.figure(Figure.reported(
                "capture by trigger, bulk UPDATE captured / uncaptured: rows a second",
                bulk.ratio(BULK_CAPTURED, BULK_PLAIN, Metric.ROWS_PER_SECOND),
                ""));
    }
}
