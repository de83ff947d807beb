package dev.dualwrite.relay.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The list of log events that users read is the one that the code writes. */
class LogEventsTest {

    private static final Pattern IN_CODE = Pattern.compile("LOG\\.(\\w+)\\(\\s*\"([a-z_]+)");
    private static final Pattern IN_DOCS = Pattern.compile("(?m)^\\| `([a-z_]+)` \\| (\\w+) \\|");
    private static final Pattern CALL = Pattern.compile("LOG\\.\\w+\\(([^;]*)\\);");

    @Test
    void everyEventIsDocumentedWithItsLevelAndTheReverse() throws IOException {
        Map<String, String> code = new TreeMap<>();
        // The same event at DEBUG with the stack trace is a detail of the first.
        IN_CODE.matcher(source()).results().forEach(m -> code.putIfAbsent(m.group(2), level(m)));
        Map<String, String> docs = new TreeMap<>();
        IN_DOCS.matcher(Files.readString(Path.of("../docs/reference/log-events.md")))
                .results()
                .forEach(m -> docs.put(m.group(1), m.group(2)));

        assertThat(docs).isEqualTo(code);
    }

    @Test
    void everyPlaceholderHasAValue() throws IOException {
        CALL.matcher(source()).results().forEach(call -> {
            String text = call.group(1).replaceAll("\"\\s*\\+\\s*\"", "");
            String message = text.substring(text.indexOf('"'), text.lastIndexOf('"'));
            long placeholders =
                    Pattern.compile("\\{}").matcher(message).results().count();
            String values = text.substring(text.lastIndexOf('"') + 1).replaceAll("\\([^()]*\\)", "");
            long arguments = values.chars().filter(c -> c == ',').count();
            // One more is the exception itself.
            assertThat(arguments).as(call.group()).isBetween(placeholders, placeholders + 1);
        });
    }

    private static String level(MatchResult call) {
        return call.group(1).toUpperCase(Locale.ROOT);
    }

    private static String source() throws IOException {
        return Files.readString(Path.of("src/main/java/dev/dualwrite/relay/internal/RelayLog.java"))
                + Files.readString(Path.of(
                        "../outbox-spring-starter/src/main/java/dev/dualwrite/spring/transaction/TransactionLog.java"))
                + Files.readString(Path.of(
                        "../outbox-spring-starter/src/main/java/dev/dualwrite/spring/autoconfigure/NotifyLog.java"))
                + Files.readString(
                        Path.of("../outbox-spring-starter/src/main/java/dev/dualwrite/spring/context/ContextLog.java"))
                + Files.readString(
                        Path.of("../outbox-spring-starter/src/main/java/dev/dualwrite/spring/operate/OperateLog.java"))
                + Files.readString(
                        Path.of("../outbox-spring-starter/src/main/java/dev/dualwrite/spring/console/ConsoleLog.java"))
                + Files.readString(
                        Path.of("../outbox-spring-starter/src/main/java/dev/dualwrite/spring/bypass/BypassLog.java"))
                + Files.readString(
                        Path.of("../outbox-spring-starter/src/main/java/dev/dualwrite/spring/jpa/CaptureLog.java"));
    }
}
