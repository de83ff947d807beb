package dev.dualwrite.relay.alerts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;

/**
 * What Prometheus would have seen of a fault that lasted: real scrapes before it, during it and after its cure, each held for as long as
 * an alert may need. What waits gets older all the while: a lag that was scraped seconds after the fault grows by the minute.
 *
 * @param before while all was well
 * @param begun when the fault could first be seen
 * @param lasting later, while it still lasted; what changed in between goes on changing evenly
 */
record Recording(Scrape before, Scrape begun, Scrape lasting) {

    private static final int WELL_MINUTES = 5;
    /** Longer than any alert waits. */
    private static final int FAULT_MINUTES = 75;

    private static final int CURED_MINUTES = 20;

    private static final String LAG = "dualwrite_lag_seconds{";
    private static final int MINUTE = 60;

    /** Exactly these alerts fire while the fault lasts, none before, and none after, when this was scraped. */
    void assertFiring(Set<String> alerts, Scrape after, Promtool promtool, Path temp)
            throws IOException, InterruptedException {
        Path file = temp.resolve("recorded.yml");
        Files.writeString(file, new Yaml().dump(test(alerts, after)));
        promtool.run("test", "rules", file.toString());
    }

    private Map<String, Object> test(Set<String> alerts, Scrape after) {
        return Map.of(
                "rule_files",
                List.of(AlertRules.FILE.toAbsolutePath().normalize().toString()),
                "evaluation_interval",
                "1m",
                "tests",
                List.of(Map.of(
                        "interval",
                        "1m",
                        "input_series",
                        series(after),
                        "promql_expr_test",
                        List.of(
                                firing(WELL_MINUTES - 1, Set.of()),
                                firing(WELL_MINUTES + FAULT_MINUTES - 1, alerts),
                                firing(WELL_MINUTES + FAULT_MINUTES + CURED_MINUTES - 1, Set.of())))));
    }

    private static Map<String, Object> firing(int minute, Set<String> alerts) {
        return Map.of(
                "expr",
                "count by (alertname) (ALERTS{alertstate=\"firing\"})",
                "eval_time",
                minute + "m",
                "exp_samples",
                alerts.stream()
                        .sorted()
                        .map(alert -> Map.of("labels", "{alertname=\"" + alert + "\"}", "value", 1))
                        .toList());
    }

    private List<Map<String, Object>> series(Scrape after) {
        var names = new TreeSet<String>();
        for (Scrape scrape : List.of(before, begun, lasting, after)) {
            names.addAll(scrape.samples().keySet());
        }
        return names.stream()
                .map(name -> Map.<String, Object>of("series", name, "values", values(name, after)))
                .toList();
    }

    private static double grown(String series, double first, double last, int minute) {
        return series.startsWith(LAG) && last > 0 ? (double) MINUTE * minute : (last - first) * minute / FAULT_MINUTES;
    }

    private String values(String series, Scrape after) {
        var values = new ArrayList<@Nullable Double>();
        for (int minute = 0; minute < WELL_MINUTES; minute++) {
            values.add(before.samples().get(series));
        }
        Double first = begun.samples().get(series);
        Double last = lasting.samples().get(series);
        for (int minute = 0; minute < FAULT_MINUTES; minute++) {
            values.add(
                    first == null || last == null ? null : Double.valueOf(first + grown(series, first, last, minute)));
        }
        for (int minute = 0; minute < CURED_MINUTES; minute++) {
            values.add(after.samples().get(series));
        }
        // A target that is gone is marked stale, by Prometheus itself.
        return values.stream()
                .map(value -> value == null ? "stale" : value.toString().replace("Infinity", "Inf"))
                .collect(Collectors.joining(" "));
    }
}
