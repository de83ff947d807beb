package dev.dualwrite.relay.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.relay.app.LivenessProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.convert.DurationStyle;

/** The Compose file: locked, complete, without a password, and in step with the pod. */
class ComposeFileTest {

    private static final Path FOLDER = Yaml.DEPLOY.resolve("compose");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)([^}]*)}");

    @Test
    void everyContainerIsLockedAndTellsItsHealth() throws IOException {
        services().forEach((name, value) -> {
            Map<String, Object> service = Yaml.map(value);
            assertThat(service)
                    .as(name)
                    .containsEntry("read_only", true)
                    .containsEntry("cap_drop", List.of("ALL"))
                    .containsEntry("security_opt", List.of("no-new-privileges:true"))
                    .containsKey("healthcheck");
            assertThat(service.get("user").toString()).as(name).matches("[1-9]\\d*:\\d+");
        });
        assertThat(services()).containsOnlyKeys("primary", "secondary", "relay", "prometheus", "grafana");
    }

    @Test
    void everyMountedFileIsThere() throws IOException {
        var files = new ArrayList<String>();
        for (Object service : services().values()) {
            for (Object volume : Yaml.list(Yaml.map(service).getOrDefault("volumes", List.of()))) {
                if (volume.toString().startsWith(".")) {
                    files.add(volume.toString());
                }
            }
        }

        assertThat(files).hasSize(8).allSatisfy(volume -> {
            String file = volume.substring(0, volume.indexOf(':'));
            assertThat(volume).endsWith(":ro");
            assertThat(FOLDER.resolve(file)).as("mounted by compose.yaml").isRegularFile();
        });
    }

    @Test
    void noVariableHasADefaultUnlessItNamesAnImage() throws IOException {
        String compose = Files.readString(FOLDER.resolve("compose.yaml"));
        List<String> example = Files.readAllLines(FOLDER.resolve("env.example"));
        var required = new TreeSet<String>();

        Matcher variable = VARIABLE.matcher(compose);
        while (variable.find()) {
            if (variable.group(1).endsWith("_IMAGE")) {
                assertThat(variable.group(2)).startsWith(":-");
            } else {
                assertThat(variable.group(2)).as(variable.group(1)).startsWith(":?");
                required.add(variable.group(1) + "=");
            }
        }

        assertThat(example.stream().filter(line -> !line.startsWith("#")))
                .containsExactlyInAnyOrderElementsOf(required);
    }

    @Test
    void filledInPasswordsAreNeverCommitted() throws IOException {
        assertThat(Files.readAllLines(Path.of("../.gitignore"))).contains(".env");
    }

    @Test
    void relayGetsEveryVariableOfItsConfiguration() throws IOException {
        Matcher variable =
                VARIABLE.matcher(Files.readString(FOLDER.resolve("relay.yaml")).replace("${...}", ""));
        var environment = Yaml.map(relay().get("environment"));

        assertThat(variable.results().map(found -> found.group(1))).isNotEmpty().allMatch(environment::containsKey);
    }

    // That of Kubernetes is what a pod is started with in PodIT.
    @Test
    void relayIsConfiguredByTheNamesThatTheOneOfKubernetesHas() throws IOException {
        Map<String, Object> here = Yaml.map(Yaml.read("compose/relay.yaml").get("dualwrite"));
        Map<String, Object> there = Yaml.map(Yaml.read("kubernetes/relay.yaml").get("dualwrite"));
        var sink = Yaml.map(Yaml.at(here, "sinks", "orders-copy"));

        assertThat(there.keySet()).containsAll(here.keySet());
        assertThat(Yaml.map(there.get("relay")).keySet())
                .containsAll(Yaml.map(here.get("relay")).keySet());
        assertThat(sink.keySet())
                .containsAll(Yaml.map(Yaml.at(there, "sinks", "orders-copy")).keySet())
                .contains("username", "password");
        assertThat(sink.get("url")).asString().contains("//secondary:5432/");
    }

    @Test
    void relayIsTheImageAndIsAskedWhatItAnswers() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        Map<String, Object> relay = relay();
        List<String> test = Yaml.list(Yaml.at(relay, "healthcheck", "test"));
        Map<String, Object> scrape =
                Yaml.map(Yaml.list(Yaml.read("compose/prometheus.yml").get("scrape_configs"))
                        .get(0));
        Map<String, Object> discovery =
                Yaml.map(Yaml.list(scrape.get("dns_sd_configs")).get(0));

        assertThat(pom)
                .contains("<user>" + relay.get("user") + "</user>")
                .contains("<port>" + discovery.get("port") + "</port>");
        assertThat(relay.get("image")).asString().contains("dualwrite-relay:" + version(pom));
        assertThat(test).contains(LivenessProbe.class.getName());
        assertThat(scrape).containsEntry("metrics_path", "/actuator/prometheus");
        assertThat(discovery).containsEntry("names", List.of("relay"));
    }

    @Test
    void killComesAfterTheRelaysOwnStop() throws IOException {
        Map<String, Object> relay = Yaml.read("compose/relay.yaml");
        Duration stop = DurationStyle.detectAndParse(Yaml.text(relay, "dualwrite", "relay", "shutdown-timeout"));
        Duration webServer =
                DurationStyle.detectAndParse(Yaml.text(relay, "spring", "lifecycle", "timeout-per-shutdown-phase"));
        Duration jvm = Duration.ofSeconds(5);

        assertThat(DurationStyle.detectAndParse(relay().get("stop_grace_period").toString()))
                .isGreaterThan(stop.plus(webServer).plus(jvm));
    }

    @Test
    void rulesAndDashboardAreMountedWhereTheyAreLookedFor() throws IOException {
        Map<String, Object> prometheus = Yaml.read("compose/prometheus.yml");
        Map<String, Object> dashboards =
                Yaml.map(Yaml.list(Yaml.read("compose/grafana/dashboards.yaml").get("providers"))
                        .get(0));

        assertThat(prometheus.get("rule_files")).isEqualTo(List.of("/etc/prometheus/dualwrite-alerts.yml"));
        assertThat(Yaml.<String>list(Yaml.at(services(), "prometheus", "volumes")))
                .contains("../prometheus/dualwrite-alerts.yml:/etc/prometheus/dualwrite-alerts.yml:ro");
        assertThat(Yaml.<String>list(Yaml.at(services(), "grafana", "volumes")))
                .anyMatch(volume -> volume.contains(":" + Yaml.text(dashboards, "options", "path") + "/"));
    }

    private static Map<String, Object> services() throws IOException {
        return Yaml.map(Yaml.read("compose/compose.yaml").get("services"));
    }

    private static Map<String, Object> relay() throws IOException {
        return Yaml.map(services().get("relay"));
    }

    private static String version(String pom) {
        Matcher version = Pattern.compile("<version>([^<]+)</version>").matcher(pom);
        assertThat(version.find()).isTrue();
        return version.group(1);
    }
}
