package dev.dualwrite.bench.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

/**
 * Writes what was found into a document, between two marks that name the server's version, and leaves the rest of the
 * document alone. Charts are files beside it.
 */
public final class Report {

    private final Path directory;
    private final String server;

    /**
     * A report on one version of the server.
     *
     * @param directory of the document {@code performance.md} and its charts
     * @param server as in "PostgreSQL 18"
     */
    public Report(Path directory, String server) {
        this.directory = directory;
        this.server = server;
    }

    /**
     * Writes it, in place of what an earlier run found.
     *
     * @param circumstances when, where and how it was measured: whole sentences
     * @throws IllegalStateException if the document has no place for this server
     */
    public void write(Findings findings, String circumstances) throws IOException {
        Path document = directory.resolve("performance.md");
        String begin = "<!-- measured on " + server + " -->\n";
        String end = "<!-- end of " + server + " -->";
        String old = Files.readString(document);
        int from = old.indexOf(begin);
        int to = old.indexOf(end);
        if (from < 0 || to < from) {
            throw new IllegalStateException(document + " has no lines '" + begin.strip() + "' and '" + end
                    + "', between which the figures go; add them");
        }
        String chart = "performance-" + server.replaceAll("[^0-9]", "") + ".svg";
        Files.writeString(directory.resolve(chart), new Chart(findings.charts()).svg());
        Files.writeString(
                document,
                old.substring(0, from + begin.length())
                        + "\n" + circumstances + "\n\n" + figures(findings)
                        + "\n![Bars: what each contender reached](" + chart + ")\n" + tables(findings) + "\n"
                        + old.substring(to));
    }

    private static String figures(Findings findings) {
        var table = new StringBuilder("| figure | goal | measured | |\n|---|---|---|---|\n");
        for (Figure figure : findings.figures()) {
            table.append(row(List.of(
                    figure.what(),
                    figure.goal(),
                    figure.measured(),
                    figure.verdict().text())));
        }
        return table.toString();
    }

    private static String tables(Findings findings) {
        var text = new StringBuilder();
        findings.tables().forEach((title, results) -> {
            List<Metric> metrics = Arrays.stream(Metric.values())
                    .filter(metric -> results.contenders().stream()
                            .anyMatch(
                                    contender -> !results.all(contender, metric).isEmpty()))
                    .toList();
            text.append("\n### ").append(title).append("\n\n");
            var titles = new StringJoiner(" | ", "| medians | ", " |\n");
            var line = new StringJoiner("|", "|---|", "|\n");
            metrics.forEach(metric -> {
                titles.add(metric.title());
                line.add("---:");
            });
            text.append(titles).append(line);
            for (String contender : results.contenders()) {
                var row = new StringJoiner(" | ", "| " + contender + " | ", " |\n");
                metrics.forEach(metric -> row.add(metric.text(results.median(contender, metric))));
                text.append(row);
            }
        });
        return text.toString();
    }

    private static String row(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }
}
