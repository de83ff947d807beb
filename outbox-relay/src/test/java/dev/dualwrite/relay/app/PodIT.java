package dev.dualwrite.relay.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pod's jar: what it serves, how it stops, and how it ends when it is configured wrongly. */
class PodIT {

    private static final Path RELAY_YAML = Path.of("../deploy/kubernetes/relay.yaml");

    private static final String OPTIONAL =
            ".*/(micrometer|prometheus|tomcat|spring-web|spring-boot-(actuator|health|micrometer|tomcat|servlet|web)).*";

    private final PodStores stores = new PodStores();

    @Test
    void podOfTheManifestsAppliesServesProbesAndMetricsAndGivesItsLanesBackOnSigterm(@TempDir Path directory)
            throws Exception {
        Path secrets = Files.createDirectory(directory.resolve("secrets"));
        stores.writeSecrets(secrets);
        Path relay = directory.resolve("relay.yaml");
        Files.writeString(
                relay,
                Files.readString(RELAY_YAML)
                        .replace("configtree:/run/secrets/dualwrite/", "configtree:" + secrets + "/"));
        var properties = new ArrayList<>(stores.places());
        properties.add("spring.config.additional-location=file:" + relay);
        properties.add("management.endpoint.health.show-components=always");

        try (PodProcess pod = PodProcess.start("jar", jar(), properties).awaitReady()) {
            stores.capture();
            stores.insert("one");
            stores.awaitCopied("one");

            assertThat(pod.get("/actuator/health/liveness").body())
                    .contains("livenessState", "dualwriteRelayHealth")
                    .doesNotContain("db");
            assertThat(pod.get("/actuator/health/readiness").body())
                    .contains("readinessState")
                    .doesNotContain("db", "dualwrite");
            assertThat(pod.get("/actuator/info").statusCode()).isEqualTo(200);
            assertThat(pod.get("/actuator/prometheus").body()).contains("jvm_memory_used_bytes");
            assertThat(List.of("env", "beans", "configprops", "heapdump", "loggers", "threaddump", "shutdown"))
                    .allSatisfy(endpoint -> assertThat(
                                    pod.get("/actuator/" + endpoint).statusCode())
                            .as(endpoint)
                            .isEqualTo(404));

            LivenessProbe.main(new String[] {pod.url("/actuator/health/liveness")});
            assertThatThrownBy(() -> LivenessProbe.main(new String[] {pod.url("/actuator/health/nothing")}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("answered 404, expected 200");

            assertThat(pod.stop()).as(pod.log()).isEqualTo(PodProcess.STOPPED);
            assertThat(stores.heldLanes()).isZero();
        }
    }

    @Test
    void mistakesEndItWithExitCodeOneAndOneReport() throws Exception {
        var properties = List.of(
                "spring.datasource.url=" + stores.properties().get(0).replaceFirst(".*?=", ""),
                "spring.datasource.username=postgres",
                "dualwrite.sinks.orders-copy.type=jdbc",
                "dualwrite.relay.batch-size=0",
                "dualwrite.relay.bacth-size=3");

        try (PodProcess pod = PodProcess.start("mistaken", jar(), properties)) {
            assertThat(pod.awaitExit()).as(pod.log()).isEqualTo(1);

            assertThat(pod.log())
                    .containsOnlyOnce("APPLICATION FAILED TO START")
                    .contains(
                            "dualwrite.relay.batch-size is 0",
                            "dualwrite.relay.bacth-size",
                            "dualwrite.sinks.orders-copy.")
                    .doesNotContain("Tomcat started");
        }
    }

    @Test
    void relayNeedsNeitherWebServerNorActuatorNorMetrics(@TempDir Path directory) throws Exception {
        String classPath = ExecJar.unpack(directory).stream()
                .map(Path::toString)
                .filter(part -> !part.matches(OPTIONAL))
                .collect(Collectors.joining(File.pathSeparator));
        var command = new ArrayList<>(PodProcess.java("-cp", classPath, RelayApplication.class.getName()));

        try (PodProcess pod = PodProcess.start("bare", command, stores.properties())) {
            await().atMost(PodStores.SOON).until(() -> pod.log().contains("Started RelayApplication"));
            stores.capture();
            stores.insert("one");
            stores.awaitCopied("one");

            assertThat(pod.log()).doesNotContain("Tomcat");
            assertThat(pod.stop()).as(pod.log()).isEqualTo(PodProcess.STOPPED);
        }
    }

    private static List<String> jar() throws Exception {
        return PodProcess.java("-jar", ExecJar.path().toString());
    }
}
