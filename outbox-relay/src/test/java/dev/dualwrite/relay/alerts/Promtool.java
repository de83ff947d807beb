package dev.dualwrite.relay.alerts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Prometheus' own checker of rules. Few developers have it, so its tests are skipped without it; but where
 * {@code DUALWRITE_PROMTOOL} names one, as .ci/run does, it must be there.
 */
final class Promtool {

    private static final String VARIABLE = "DUALWRITE_PROMTOOL";
    private static final long LIMIT_SECONDS = 60;

    private final Path program;

    private Promtool(Path program) {
        this.program = program;
    }

    /** Skips the test where there is none. */
    static Promtool orSkip() {
        String named = System.getenv(VARIABLE);
        if (named != null) {
            Path program = Path.of(named);
            assertThat(program).as("promtool, named by %s", VARIABLE).isExecutable();
            return new Promtool(program);
        }
        List<Path> found = Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, "promtool"))
                .filter(Files::isExecutable)
                .toList();
        assumeTrue(
                !found.isEmpty(), "promtool is not on the PATH, and " + VARIABLE + " names none: alerts are not tried");
        return new Promtool(found.get(0));
    }

    /** Must end well; its output otherwise. */
    void run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("%s ends in time", command)
                .isTrue();
        assertThat(process.exitValue()).as("%s%n%s", command, output).isZero();
    }
}
