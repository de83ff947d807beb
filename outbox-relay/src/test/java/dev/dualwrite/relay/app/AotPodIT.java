package dev.dualwrite.relay.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pod after Spring's AOT processing, on the JVM: what would be put into a native image. Its sources are generated and compiled
 * against the pod's own class path, and the beans of the process come from them alone.
 */
class AotPodIT {

    private static final String CONSOLE = "--dualwrite.console.enabled=true";

    @TempDir
    private static Path directory;

    private static final List<Path> CLASS_PATH = new ArrayList<>();

    @BeforeAll
    static void process() throws Exception {
        CLASS_PATH.addAll(ExecJar.unpack(directory.resolve("pod")));
        // Without a database and without a property of the pod: that is how an image is built. But for the console,
        // since
        // what is on and off is decided here.
        run(
                "org.springframework.boot.SpringApplicationAotProcessor",
                RelayApplication.class.getName(),
                generated("sources"),
                generated("resources"),
                generated("classes"),
                "dev.dualwrite",
                "outbox-relay",
                CONSOLE);
        compile();
    }

    @Test
    void podOfGeneratedBeansAppliesAndServesItsProbes() throws Exception {
        var stores = new PodStores();
        var command = new ArrayList<>(PodProcess.java("-Dspring.aot.enabled=true", "-cp", classPath()));
        command.add(RelayApplication.class.getName());
        command.add(CONSOLE);

        try (PodProcess pod =
                PodProcess.start("aot", command, stores.properties()).awaitReady()) {
            assertThat(pod.log()).contains("Starting AOT-processed RelayApplication");
            stores.capture();
            stores.insert("one");
            stores.awaitCopied("one");
            assertThat(pod.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
            assertThat(pod.get("/actuator/prometheus").statusCode()).isEqualTo(200);
            assertThat(pod.get("/dualwrite/").body()).contains("<html");
            assertThat(pod.get("/dualwrite/api/overview").body()).contains("orders-copy");
            assertThat(pod.stop()).as(pod.log()).isEqualTo(PodProcess.STOPPED);
        }
    }

    @Test
    void nativeImageIsToldOfTheSchemaFilesAndOfTheConfigurationRecords() throws IOException {
        String hints = hints();

        assertThat(hints)
                .contains("\"dev/dualwrite/**\"")
                .contains("dev.dualwrite.relay.autoconfigure.RelayProperties")
                .contains("dev.dualwrite.relay.autoconfigure.PrimaryProperties")
                .contains("dev.dualwrite.relay.sink.SinkSettings")
                .contains("dev.dualwrite.spring.autoconfigure.DualwriteProperties$Outbox");
    }

    private static String hints() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(generated("resources")))) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .map(AotPodIT::read)
                    .collect(Collectors.joining("\n"))
                    // So the writer has it.
                    .replace("\\/", "/");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void compile() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(generated("sources")))) {
            var arguments =
                    new ArrayList<>(List.of("-nowarn", "-proc:none", "-d", generated("classes"), "-cp", classPath()));
            files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::toString)
                    .forEach(arguments::add);
            int result = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
            assertThat(result).as("result of javac").isZero();
        }
    }

    private static void run(String main, String... arguments) throws Exception {
        var command = new ArrayList<>(PodProcess.java("-cp", classPath(), main));
        command.addAll(List.of(arguments));
        Path log = Path.of("target", "aot-processing.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(PodStores.SOON.toSeconds(), TimeUnit.SECONDS))
                .as("%s has ended", main)
                .isTrue();
        assertThat(process.exitValue()).as(read(log)).isZero();
    }

    /** What was generated comes first. */
    private static String classPath() {
        return Stream.concat(Stream.of(generated("classes"), generated("resources")), CLASS_PATH.stream())
                .map(Object::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String generated(String kind) {
        return directory.resolve("aot").resolve(kind).toString();
    }
}
