package dev.dualwrite.relay.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pod's jar: what it serves, how it stops, and how it ends when it is configured wrongly. */
class PodIT {

    private static final Path RELAY_YAML = Path.of("../deploy/kubernetes/relay.yaml");

    private static final String OPTIONAL =
            ".*/(micrometer|prometheus|tomcat|spring-web|spring-boot-(actuator|health|micrometer|tomcat|servlet|web)).*";

    // The pods start at the same time: each waits for its databases as long as it works.
    private static final PodStores STORES = new PodStores();
    private static final PodStores BARE_STORES = new PodStores();

    @TempDir
    private static Path directory;

    private static PodProcess manifests;
    private static PodProcess mistaken;
    private static PodProcess bare;

    @BeforeAll
    static void start() throws Exception {
        manifests = PodProcess.start("jar", jar(), ofTheManifests());
        mistaken = PodProcess.start("mistaken", jar(), ofAMistake());
        bare = PodProcess.start("bare", withoutTheOptional(), BARE_STORES.properties());
    }

    @AfterAll
    static void end() {
        Stream.of(manifests, mistaken, bare).filter(Objects::nonNull).forEach(PodProcess::close);
    }

    @Test
    void podOfTheManifestsAppliesServesProbesAndMetricsAndGivesItsLanesBackOnSigterm() throws Exception {
        PodProcess pod = manifests.awaitReady();
        STORES.capture();
        STORES.insert("one");
        STORES.awaitCopied("one");

        assertThat(pod.get("/actuator/health/liveness").body())
                .contains("livenessState", "dualwriteRelayHealth")
                .doesNotContain("db");
        assertThat(pod.get("/actuator/health/readiness").body())
                .contains("readinessState")
                .doesNotContain("db", "dualwrite");
        assertThat(List.of("health/dualwrite", "info", "dualwrite"))
                .allSatisfy(
                        endpoint -> assertThat(pod.get("/actuator/" + endpoint).statusCode())
                                .as(endpoint)
                                .isEqualTo(200));
        assertThat(List.of("env", "beans", "configprops", "heapdump", "loggers", "threaddump", "shutdown"))
                .allSatisfy(
                        endpoint -> assertThat(pod.get("/actuator/" + endpoint).statusCode())
                                .as(endpoint)
                                .isEqualTo(404));
        // The relay counts it after the secondary has it; the gauges are of the last look at the primary.
        await().atMost(PodStores.SOON)
                .untilAsserted(() -> assertThat(pod.get("/actuator/prometheus").body())
                        .contains("jvm_memory_used_bytes", "dualwrite_primary_measured 1.0")
                        .containsPattern("dualwrite_lag_seconds\\{sink=\"orders-copy\"} [0-9]")
                        .containsPattern("dualwrite_entries_applied_total\\{sink=\"orders-copy\"} 1\\.0"));

        assertThatNobodyMayAct(pod);

        LivenessProbe.main(new String[] {pod.url("/actuator/health/liveness")});
        assertThatThrownBy(() -> LivenessProbe.main(new String[] {pod.url("/actuator/health/nothing")}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("answered 404, expected 200");

        assertThat(pod.stop()).as(pod.log()).isEqualTo(PodProcess.STOPPED);
        assertThat(STORES.heldLanes()).isZero();
    }

    // Whoever reaches the port could stop the copying: nobody is known in a pod, so nobody may.
    private static void assertThatNobodyMayAct(PodProcess pod) {
        long acts = STORES.acts();
        for (String act : List.of("pause", "resume", "requeue", "discard")) {
            HttpResponse<String> answer =
                    pod.post("/actuator/dualwrite/orders-copy/" + act, "{\"reason\": \"a try\", \"entryId\": 1}");
            assertThat(answer.statusCode()).as(act + ": " + answer.body()).isEqualTo(403);
        }
        assertThat(STORES.acts()).isEqualTo(acts);
        assertThat(pod.get("/dualwrite/").statusCode()).as("the console").isEqualTo(404);
    }

    @Test
    void mistakesEndItWithExitCodeOneAndOneReport() throws Exception {
        assertThat(mistaken.awaitExit()).as(mistaken.log()).isEqualTo(1);

        assertThat(mistaken.log())
                .containsOnlyOnce("APPLICATION FAILED TO START")
                .contains(
                        "dualwrite.relay.batch-size is 0", "dualwrite.relay.bacth-size", "dualwrite.sinks.orders-copy.")
                .doesNotContain("Tomcat started");
    }

    @Test
    void relayNeedsNeitherWebServerNorActuatorNorMetrics() throws Exception {
        await().atMost(PodStores.SOON).until(() -> bare.log().contains("Started RelayApplication"));
        BARE_STORES.capture();
        BARE_STORES.insert("one");
        BARE_STORES.awaitCopied("one");

        assertThat(bare.log()).doesNotContain("Tomcat");
        assertThat(bare.stop()).as(bare.log()).isEqualTo(PodProcess.STOPPED);
    }

    private static List<String> ofTheManifests() throws IOException {
        Path secrets = Files.createDirectory(directory.resolve("secrets"));
        STORES.writeSecrets(secrets);
        Path relay = directory.resolve("relay.yaml");
        Files.writeString(
                relay,
                Files.readString(RELAY_YAML)
                        .replace("configtree:/run/secrets/dualwrite/", "configtree:" + secrets + "/"));
        var properties = new ArrayList<>(STORES.places());
        properties.add("spring.config.additional-location=file:" + relay);
        properties.add("management.endpoint.health.show-components=always");
        properties.add("dualwrite.metrics.interval=1s");
        return properties;
    }

    private static List<String> ofAMistake() {
        return List.of(
                STORES.properties().get(0),
                "spring.datasource.username=postgres",
                "dualwrite.sinks.orders-copy.type=jdbc",
                "dualwrite.relay.batch-size=0",
                "dualwrite.relay.bacth-size=3");
    }

    private static List<String> withoutTheOptional() throws IOException {
        String classPath = ExecJar.unpack(directory.resolve("bare")).stream()
                .map(Path::toString)
                .filter(part -> !part.matches(OPTIONAL))
                .collect(Collectors.joining(File.pathSeparator));
        return PodProcess.java("-cp", classPath, RelayApplication.class.getName());
    }

    private static List<String> jar() throws Exception {
        return PodProcess.java("-jar", ExecJar.path().toString());
    }
}
