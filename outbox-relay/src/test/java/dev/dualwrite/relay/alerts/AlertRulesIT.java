package dev.dualwrite.relay.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** The shipped rules in the hands of Prometheus' own checker. */
class AlertRulesIT {

    @Test
    void rulesAreValidAndKeepTheirOwnTests() throws Exception {
        Promtool promtool = Promtool.orSkip();

        promtool.run("check", "rules", AlertRules.FILE.toString());
        promtool.run("test", "rules", AlertRules.TESTS.toString());
    }

    @Test
    void eachAlertIsTestedToFireAndNotToFire() throws IOException {
        Set<String> fires = new HashSet<>();
        Set<String> isSilent = new HashSet<>();
        for (Map<String, Object> scene : AlertRules.maps(
                AlertRules.map(AlertRules.yaml(AlertRules.TESTS)).get("tests"))) {
            for (Map<String, Object> test : AlertRules.maps(scene.get("alert_rule_test"))) {
                boolean expected = !((List<?>) test.get("exp_alerts")).isEmpty();
                (expected ? fires : isSilent).add(String.valueOf(test.get("alertname")));
            }
        }

        assertThat(AlertRules.alerts())
                .map(AlertRules.Alert::name)
                .allSatisfy(alert -> assertThat(fires).contains(alert))
                .allSatisfy(alert -> assertThat(isSilent).contains(alert));
    }

    @Test
    void eachExpressionOfTheDashboardParses(@TempDir Path temp) throws Exception {
        Promtool promtool = Promtool.orSkip();
        var rules = new ArrayList<Map<String, Object>>();
        for (String expression : Dashboard.expressions()) {
            rules.add(Map.of("record", "panel:" + rules.size(), "expr", expression));
        }
        Path file = temp.resolve("panels.yml");
        Files.writeString(file, new Yaml().dump(Map.of("groups", List.of(Map.of("name", "panels", "rules", rules)))));

        assertThat(rules).hasSizeGreaterThan(15);
        promtool.run("check", "rules", file.toString());
    }
}
