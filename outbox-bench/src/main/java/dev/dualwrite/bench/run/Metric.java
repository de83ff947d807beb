package dev.dualwrite.bench.run;

/** What is measured, with its unit. */
public enum Metric {
    ENTRIES_PER_SECOND("entries/s", "%,.0f"),
    TRANSACTIONS_PER_SECOND("transactions/s", "%,.0f"),
    ROWS_PER_SECOND("rows/s", "%,.0f"),
    DATABASE_CPU("database CPU, µs", "%.1f"),
    WAL_BYTES("WAL, bytes", "%.0f"),
    ROUND_TRIPS("round trips", "%.2f"),
    P50_MS("p50, ms", "%.2f"),
    P99_MS("p99, ms", "%.2f"),
    NANOSECONDS("ns", "%,.0f"),
    SECONDS("s", "%.2f"),
    MILLISECONDS("ms", "%.1f");

    private final String title;
    private final String format;

    Metric(String title, String format) {
        this.title = title;
        this.format = format;
    }

    public String title() {
        return title;
    }

    /** A value as it stands in the report. */
    public String text(double value) {
        return Double.isNaN(value) ? "–" : String.format(java.util.Locale.ROOT, format, value);
    }
}
