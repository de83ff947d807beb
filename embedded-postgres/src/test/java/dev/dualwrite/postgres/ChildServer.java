package dev.dualwrite.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server in a JVM of its own, to be killed. */
final class ChildServer {

    private static final long END_LIMIT_SECONDS = 30;

    private final Process jvm;
    private final String url;
    private final Path directory;
    private final ProcessHandle postmaster;

    private ChildServer(Process jvm, String url, Path directory, long postmaster) {
        this.jvm = jvm;
        this.url = url;
        this.directory = directory;
        this.postmaster = ProcessHandle.of(postmaster).orElseThrow();
    }

    static ChildServer start(Path directory) throws IOException {
        return start(directory, Map.of());
    }

    static ChildServer start(Path directory, Map<String, String> environment) throws IOException {
        Process jvm = launch(directory, environment);
        BufferedReader lines = jvm.inputReader();
        String ready = lines.readLine();
        assertThat(ready).as("first line of the child JVM").isNotNull();
        String[] parts = ready.split(" ", 3);
        return new ChildServer(jvm, parts[0], Path.of(parts[2]), Long.parseLong(parts[1]));
    }

    /** Starts the JVM and waits for nothing. */
    static Process launch(Path directory, Map<String, String> environment) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                Main.class.getName()));
        if (directory != null) {
            command.add(directory.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        return builder.start();
    }

    String url() {
        return url;
    }

    Path directory() {
        return directory;
    }

    /** As by {@code kill -9}. */
    void kill() throws InterruptedException {
        jvm.destroyForcibly();
        assertThat(jvm.waitFor(END_LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    /** Lets the child's main method return. */
    void exit() throws IOException, InterruptedException {
        jvm.outputWriter().close();
        assertThat(jvm.waitFor(END_LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    void awaitEndOfPostmaster() throws Exception {
        postmaster.onExit().get(END_LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** The child. */
    static final class Main {

        private Main() {}

        public static void main(String[] arguments) throws IOException {
            PostgresConfig config = PostgresConfig.defaults();
            PostgresServer server =
                    PostgresServer.start(arguments.length == 0 ? config : config.keptIn(Path.of(arguments[0])));
            Path home = server.log().getParent();
            try (var entries = Files.list(home)) {
                Path data = entries.filter(path -> path.getFileName().toString().startsWith("data-"))
                        .findFirst()
                        .orElseThrow();
                String pid = Files.readAllLines(data.resolve("postmaster.pid")).get(0);
                System.out.println(server.url("postgres") + " " + pid + " " + home);
            }
            // Until the parent closes the pipe, or kills.
            int end = System.in.read();
            assertThat(end).isEqualTo(-1);
        }
    }
}
