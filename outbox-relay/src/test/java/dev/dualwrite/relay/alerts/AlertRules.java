package dev.dualwrite.relay.alerts;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/** The files of rules and of their tests, as they are shipped. */
final class AlertRules {

    static final Path ROOT = Path.of("..");
    static final Path FILE = ROOT.resolve("deploy/prometheus/dualwrite-alerts.yml");
    static final Path TESTS = ROOT.resolve("deploy/prometheus/dualwrite-alerts-test.yml");

    private AlertRules() {}

    /**
     * One alert.
     *
     * @param page its runbook page, as the alert names it: relative to the root of the repository
     */
    record Alert(String name, String severity, String page) {

        Path path() {
            return ROOT.resolve(page);
        }
    }

    static List<Alert> alerts() throws IOException {
        return rules().stream()
                .filter(rule -> rule.containsKey("alert"))
                .map(rule -> new Alert(
                        text(rule, "alert"),
                        text(map(rule.get("labels")), "severity"),
                        text(map(rule.get("annotations")), "runbook_url")))
                .toList();
    }

    /** Each expression of alerts and recording rules. */
    static List<String> expressions() throws IOException {
        return rules().stream().map(rule -> text(rule, "expr")).toList();
    }

    private static List<Map<String, Object>> rules() throws IOException {
        return maps(map(yaml(FILE)).get("groups")).stream()
                .flatMap(group -> maps(group.get("rules")).stream())
                .toList();
    }

    static Object yaml(Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file)) {
            return new Yaml().load(reader);
        }
    }

    private static String text(Map<String, Object> map, String key) {
        return String.valueOf(map.get(key));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object yaml) {
        return (Map<String, Object>) yaml;
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> maps(Object yaml) {
        return (List<Map<String, Object>>) yaml;
    }
}
