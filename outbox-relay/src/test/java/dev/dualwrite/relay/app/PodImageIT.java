package dev.dualwrite.relay.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The image of the pod, read and started without Docker. Needs the image ({@code mvn -Pimage verify}); starting it needs Linux and
 * the right to mount.
 */
class PodImageIT {

    @TempDir
    private static Path directory;

    private static ImageRoot image;

    @BeforeAll
    static void unpack() throws Exception {
        String tar = System.getProperty("dualwrite.image");
        assumeTrue(tar != null, "there is no image in this build: add -Pimage");
        image = ImageRoot.unpack(Path.of(tar), directory);
    }

    @Test
    void imageIsThatOfAnUnprivilegedServiceWithoutSecrets() {
        JsonNode config = image.config();

        assertThat(config.get("User").asString()).matches("[1-9]\\d+:[1-9]\\d+");
        assertThat(config.get("ExposedPorts").propertyNames()).containsExactly("8080/tcp");
        assertThat(config.get("Labels").propertyNames())
                .contains("org.opencontainers.image.title", "org.opencontainers.image.version");
        assertThat(words(config.get("Entrypoint")))
                .contains(
                        "-XX:MaxRAMPercentage=60",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Djava.io.tmpdir=/tmp",
                        RelayApplication.class.getName());
        assertThat(words(config.get("Env")).stream().map(variable -> variable.replaceFirst("=.*", "")))
                .containsExactlyInAnyOrder("PATH", "SPRING_CONFIG_ADDITIONAL_LOCATION");
    }

    @Test
    void whatChangesWithEachBuildLiesAboveWhatDoesNot() throws Exception {
        List<String> layers = image.files();

        assertThat(layers.get(0)).contains("opt/java/bin/java").doesNotContain("app/", "bin/sh");
        assertThat(layers.get(1)).contains("app/libs/spring-core").doesNotContain("dualwrite", "outbox-");
        assertThat(layers.get(2)).contains("app/libs/outbox-core").doesNotContain("spring-core");
        assertThat(String.join("\n", layers.subList(3, layers.size()))).doesNotContain(".jar");
        assertThat(String.join("\n", layers)).doesNotContain("junit", "assertj", "-test");
    }

    @Test
    void podOfTheImageAppliesUnprivilegedOnAReadOnlyRootAndStopsInTime() throws Exception {
        assumeTrue(ImageRoot.canBeRun(), "starting the image needs Linux, unshare and the right to mount (root)");
        var stores = new PodStores();
        Path configuration = Files.createDirectory(directory.resolve("configuration"));
        Files.copy(Path.of("../deploy/kubernetes/relay.yaml"), configuration.resolve("relay.yaml"));
        Path secrets = Files.createDirectory(directory.resolve("secrets"));
        stores.writeSecrets(secrets);
        List<String> command = image.command(configuration, secrets);

        try (PodProcess pod =
                PodProcess.start("image", command, stores.places()).awaitReady()) {
            stores.capture();
            stores.insert("one");
            stores.awaitCopied("one");
            assertThat(pod.get("/actuator/health/liveness").statusCode()).isEqualTo(200);

            assertThat(pod.kernel("status")).contains("Uid:\t65532\t65532\t65532\t65532");
            assertThat(pod.kernel("mountinfo")).containsPattern(" / ro[, ]");
            assertThat(pod.stopInnermost()).as(pod.log()).isEqualTo(PodProcess.STOPPED);
            assertThat(stores.heldLanes()).isZero();
        }
    }

    private static List<String> words(JsonNode array) {
        var words = new ArrayList<String>();
        array.forEach(word -> words.add(word.asString()));
        return words;
    }
}
