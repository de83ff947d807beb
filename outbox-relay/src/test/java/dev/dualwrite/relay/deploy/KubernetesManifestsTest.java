package dev.dualwrite.relay.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.convert.DurationStyle;

/** The manifests are what Kubernetes takes, fit to each other, and say what the pod says. */
class KubernetesManifestsTest {

    private static final Path FOLDER = Yaml.DEPLOY.resolve("kubernetes");
    private static final int SHARDS_AT_INSTALL = 16;

    @Test
    void everyManifestIsOfItsTypeWithoutAnUnknownName() throws IOException {
        List<String> manifests = new ArrayList<>();
        for (String folder : List.of("kubernetes", "kubernetes/monitoring")) {
            Map<String, Object> kustomization = Yaml.read(folder + "/kustomization.yaml");
            for (Object file : Yaml.list(kustomization.get("resources"))) {
                manifests.add(folder + "/" + file);
            }
        }
        manifests.add("kubernetes/secret.example.yaml");

        for (String file : manifests) {
            assertThat(Manifests.read(Yaml.read(file)).getMetadata().getName())
                    .as(file)
                    .isNotBlank();
        }
        assertThat(manifests).hasSizeGreaterThan(8);
    }

    @Test
    void manifestWithAMisspeltNameIsRefused() throws IOException {
        Map<String, Object> deployment = Yaml.read("kubernetes/deployment.yaml");
        Yaml.map(deployment.get("spec")).put("minReadySecond", 5);

        assertThatThrownBy(() -> Manifests.read(deployment)).hasMessageContaining("minReadySecond");
    }

    @Test
    void everyFileIsInAKustomizationOrNamedHere() throws IOException {
        String kustomization = Files.readString(FOLDER.resolve("kustomization.yaml"));

        try (var files = Files.list(FOLDER)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .allSatisfy(file -> assertThat(kustomization + " kustomization.yaml secret.example.yaml")
                            .contains(file));
        }
    }

    @Test
    void podHasNoRightsAndNoPlaceToWrite() throws IOException {
        PodSpec pod = pod();
        Container relay = relay();

        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(relay.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(relay.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(relay.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(relay.getVolumeMounts())
                .filteredOn(mount -> !Boolean.TRUE.equals(mount.getReadOnly()))
                .extracting("mountPath")
                .containsExactly("/tmp");
        assertThat(relay.getEnv()).isEmpty();
        assertThat(relay.getResources().getLimits().get("memory"))
                .isEqualTo(relay.getResources().getRequests().get("memory"));
    }

    @Test
    void podIsWhatTheImageIs() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        PodSpec pod = pod();

        assertThat(pom)
                .contains("<user>" + pod.getSecurityContext().getRunAsUser() + ":"
                        + pod.getSecurityContext().getRunAsGroup() + "</user>")
                .contains("<port>" + relay().getPorts().get(0).getContainerPort() + "</port>")
                .contains("optional:file:" + mount("configuration") + "/relay.yaml<")
                .contains("<version>" + tag() + "</version>");
        assertThat(Yaml.text(relayYaml(), "spring", "config", "import"))
                .isEqualTo("configtree:" + mount("secrets") + "/");
    }

    // The paths are asked of a running pod in PodIT.
    @Test
    void probesAndScrapesAskWhatThePodAnswers() throws IOException {
        Container relay = relay();
        ServiceMonitor monitor = Manifests.read("monitoring/servicemonitor.yaml", ServiceMonitor.class);
        Service service = Manifests.read("service.yaml", Service.class);

        assertThat(path(relay.getStartupProbe())).isEqualTo("/actuator/health/liveness");
        assertThat(path(relay.getLivenessProbe())).isEqualTo("/actuator/health/liveness");
        assertThat(path(relay.getReadinessProbe())).isEqualTo("/actuator/health/readiness");
        assertThat(monitor.getSpec().getEndpoints()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.getPath()).isEqualTo("/actuator/prometheus");
            assertThat(endpoint.getPort())
                    .isEqualTo(service.getSpec().getPorts().get(0).getName());
        });
    }

    @Test
    void killComesAfterEverythingThatAStopMayTake() throws IOException {
        Duration preStop = Duration.ofSeconds(
                relay().getLifecycle().getPreStop().getSleep().getSeconds());
        Duration webServer = duration("spring", "lifecycle", "timeout-per-shutdown-phase");
        Duration relay = duration("dualwrite", "relay", "shutdown-timeout");
        Duration jvm = Duration.ofSeconds(5);

        assertThat(Duration.ofSeconds(pod().getTerminationGracePeriodSeconds()))
                .isGreaterThan(preStop.plus(webServer).plus(relay).plus(jvm));
    }

    @Test
    void neverMoreRelaysThanLanes() throws IOException {
        HorizontalPodAutoscaler autoscaler =
                Manifests.read("horizontalpodautoscaler.yaml", HorizontalPodAutoscaler.class);
        var sinks = Yaml.map(Yaml.at(relayYaml(), "dualwrite", "sinks"));
        var metric = autoscaler.getSpec().getMetrics().get(0).getExternal().getMetric();

        assertThat(autoscaler.getSpec().getMinReplicas()).isGreaterThan(1);
        assertThat(autoscaler.getSpec().getMaxReplicas()).isLessThanOrEqualTo(sinks.size() * SHARDS_AT_INSTALL);
        assertThat(sinks).containsKey(metric.getSelector().getMatchLabels().get("sink"));
        assertThat(Files.readString(FOLDER.resolve("monitoring/prometheus-adapter-rules.yaml")))
                .contains("'" + metric.getName() + "{", "^" + metric.getName() + "$");
        assertThat(autoscaler.getSpec().getScaleTargetRef().getName())
                .isEqualTo(deployment().getMetadata().getName());
        assertThat(deployment().getSpec().getReplicas()).as("the autoscaler's").isNull();
    }

    @Test
    void everySelectorFindsThePods() throws IOException {
        var labels = deployment().getSpec().getTemplate().getMetadata().getLabels();

        assertThat(labels)
                .containsAllEntriesOf(deployment().getSpec().getSelector().getMatchLabels())
                .containsAllEntriesOf(
                        Manifests.read("service.yaml", Service.class).getSpec().getSelector())
                .containsAllEntriesOf(Manifests.read("poddisruptionbudget.yaml", PodDisruptionBudget.class)
                        .getSpec()
                        .getSelector()
                        .getMatchLabels())
                .containsAllEntriesOf(Manifests.read("networkpolicy.yaml", NetworkPolicy.class)
                        .getSpec()
                        .getPodSelector()
                        .getMatchLabels());
    }

    @Test
    void secretHasTheCredentialsThatTheConfigurationLeavesOut() throws IOException {
        var keys = Manifests.read("secret.example.yaml", Secret.class)
                .getStringData()
                .keySet();

        assertThat(keys).contains("spring.datasource.username", "spring.datasource.password");
        for (String sink : Yaml.map(Yaml.at(relayYaml(), "dualwrite", "sinks")).keySet()) {
            assertThat(keys).contains("dualwrite.sinks." + sink + ".username", "dualwrite.sinks." + sink + ".password");
        }
        assertThat(Files.readString(FOLDER.resolve("relay.yaml"))).doesNotContain("password:", "username:");
    }

    // docs/how-to/deploy.md makes it of the same file, for clusters with the Prometheus operator.
    @Test
    void alertsAreWhatThePrometheusOperatorTakes() throws IOException {
        Map<String, Object> rule = Map.of(
                "apiVersion",
                "monitoring.coreos.com/v1",
                "kind",
                "PrometheusRule",
                "metadata",
                Map.of("name", "dualwrite"),
                "spec",
                Yaml.read("prometheus/dualwrite-alerts.yml"));

        assertThat(Manifests.strictly(rule, PrometheusRule.class).getSpec().getGroups())
                .singleElement()
                .satisfies(group -> assertThat(group.getRules()).hasSizeGreaterThan(9));
    }

    private static Deployment deployment() throws IOException {
        return Manifests.read("deployment.yaml", Deployment.class);
    }

    private static PodSpec pod() throws IOException {
        return deployment().getSpec().getTemplate().getSpec();
    }

    private static Container relay() throws IOException {
        return pod().getContainers().get(0);
    }

    private static String mount(String volume) throws IOException {
        return relay().getVolumeMounts().stream()
                .filter(mount -> mount.getName().equals(volume))
                .findFirst()
                .orElseThrow()
                .getMountPath();
    }

    private static String tag() throws IOException {
        List<Map<String, Object>> images =
                Yaml.list(Yaml.read("kubernetes/kustomization.yaml").get("images"));
        return Yaml.text(images.get(0), "newTag");
    }

    private static String path(Probe probe) {
        return probe.getHttpGet().getPath();
    }

    private static Map<String, Object> relayYaml() throws IOException {
        return Yaml.read("kubernetes/relay.yaml");
    }

    private static Duration duration(String... path) throws IOException {
        return DurationStyle.detectAndParse(Yaml.text(relayYaml(), path));
    }
}
