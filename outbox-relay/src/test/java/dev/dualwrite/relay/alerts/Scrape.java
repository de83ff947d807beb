package dev.dualwrite.relay.alerts;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one scrape of every process brought, as Prometheus would keep it. Immutable.
 *
 * @param samples value by series, {@code name{label="value",…}} with labels in order
 */
record Scrape(Map<String, Double> samples) {

    private static final Pattern SAMPLE =
            Pattern.compile("^(dualwrite_\\w+)(?:\\{(.*)\\})? (\\S+)$", Pattern.MULTILINE);
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    /** Of a text that a process answered, with the labels that Prometheus adds to each sample of a target. */
    static Scrape of(String text, String job, String instance) {
        var samples = new LinkedHashMap<String, Double>();
        SAMPLE.matcher(text).results().forEach(sample -> {
            var labels = new TreeSet<>(Set.of("job=\"%s\"".formatted(job), "instance=\"%s\"".formatted(instance)));
            if (sample.group(2) != null) {
                LABEL.matcher(sample.group(2)).results().forEach(label -> labels.add(label.group()));
            }
            samples.put(sample.group(1) + "{" + String.join(",", labels) + "}", number(sample.group(3)));
        });
        return new Scrape(samples);
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    Scrape and(Scrape other) {
        var both = new LinkedHashMap<>(samples);
        both.putAll(other.samples);
        return new Scrape(both);
    }

    /** Of each series whose text holds all of these parts. */
    List<Double> values(String... parts) {
        return samples.entrySet().stream()
                .filter(sample -> Stream.of(parts).allMatch(sample.getKey()::contains))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** The same, of the only one; not a number if there is none. */
    double value(String... parts) {
        List<Double> values = values(parts);
        if (values.size() > 1) {
            throw new IllegalStateException("several series hold " + List.of(parts) + ": " + samples.keySet());
        }
        return values.isEmpty() ? Double.NaN : values.get(0);
    }

    /** Names of metrics, each with the names of all its labels. */
    Map<String, Set<String>> labels() {
        return samples.keySet().stream()
                .collect(Collectors.toMap(
                        series -> series.substring(0, series.indexOf('{')),
                        series -> LABEL.matcher(series)
                                .results()
                                .map(label -> label.group(1))
                                .collect(Collectors.toSet()),
                        (one, other) -> {
                            var all = new TreeSet<>(one);
                            all.addAll(other);
                            return all;
                        }));
    }
}
