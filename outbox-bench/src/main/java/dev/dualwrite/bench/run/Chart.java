package dev.dualwrite.bench.run;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Bars as SVG, one picture for all charts of a report, readable on a light and on a dark page. Immutable. */
final class Chart {

    private static final int WIDTH = 760;
    private static final int LABELS = 250;
    private static final int ROOM = 400;
    private static final int LINE = 24;
    private static final int BAR = 16;
    private static final int TITLE = 40;

    private final List<Findings.Bars> charts;

    Chart(List<Findings.Bars> charts) {
        this.charts = charts;
    }

    String svg() {
        var body = new StringBuilder();
        int y = 0;
        for (Findings.Bars chart : charts) {
            body.append(text("title", 8, y + TITLE - 14, chart.title()));
            y += TITLE;
            double longest = chart.bars().values().stream()
                    .mapToDouble(Double::doubleValue)
                    .max()
                    .orElse(1);
            for (Map.Entry<String, Double> bar : chart.bars().entrySet()) {
                long width = Math.max(1, Math.round(ROOM * bar.getValue() / longest));
                body.append(text("label", LABELS - 8, y + BAR - 3, bar.getKey()))
                        .append("<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\"/>\n"
                                .formatted(LABELS, y, width, BAR))
                        .append(text("value", LABELS + (int) width + 6, y + BAR - 3, number(bar.getValue())));
                y += LINE;
            }
        }
        return """
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img">
                <style>
                  text { font: 12px system-ui, sans-serif; fill: #24292f }
                  .title { font-weight: 600; font-size: 14px }
                  .label { text-anchor: end }
                  .bar { fill: #3572b0 }
                  @media (prefers-color-scheme: dark) { text { fill: #d0d7de } .bar { fill: #6cb0f5 } }
                </style>
                %3$s</svg>
                """.formatted(WIDTH, y + 8, body);
    }

    private static String text(String kind, int x, int y, String text) {
        return "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n".formatted(kind, x, y, escaped(text));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.2f", value);
    }
}
