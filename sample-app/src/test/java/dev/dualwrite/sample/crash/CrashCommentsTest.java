package dev.dualwrite.sample.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.spi.CrashWindow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each crash window has its comment in the code, and each comment its window, so that {@link SampleCrashIT} dies there. */
class CrashCommentsTest {

    private static final Pattern COMMENT = Pattern.compile("// CRASH:\\s*(\\w*)");

    @Test
    void commentsAndCrashWindowsAreTheSame() throws IOException {
        Set<String> commented = new TreeSet<>();
        for (Path file : mainSources()) {
            Matcher comment = COMMENT.matcher(Files.readString(file));
            while (comment.find()) {
                commented.add(comment.group(1));
            }
        }

        Set<String> windows = new TreeSet<>();
        EnumSet.allOf(CrashWindow.class).forEach(window -> windows.add(window.name()));
        assertThat(commented).isEqualTo(windows);
    }

    private static List<Path> mainSources() throws IOException {
        // embedded-postgres has crash windows of its own, not of the outbox, and tests for them.
        try (Stream<Path> modules = Files.list(Path.of(".."))) {
            return modules.filter(module -> !module.endsWith("embedded-postgres"))
                    .map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .flatMap(CrashCommentsTest::javaFiles)
                    .toList();
        }
    }

    private static Stream<Path> javaFiles(Path sources) {
        try (Stream<Path> files = Files.walk(sources)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
