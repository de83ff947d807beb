package dev.dualwrite.spring.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.Overview;
import dev.dualwrite.outbox.jdbc.Overview.Backlog;
import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import dev.dualwrite.spring.operate.Finding;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What pages are told of a look. */
@ExtendWith(OutputCaptureExtension.class)
class LooksTest {

    private static final Overview LATE = new Overview(
            List.of(new SinkOverview(
                    "copy",
                    "running",
                    null,
                    null,
                    null,
                    1,
                    0,
                    new Backlog(5, false, Instant.EPOCH, Duration.ofHours(6), 0, 2, 3),
                    8,
                    0)),
            List.of());

    private final Deque<Supplier<Overview>> answers = new ArrayDeque<>();
    private final Looks looks = new Looks(
            () -> answers.remove().get(),
            (overview, at) -> Map.of("copy", List.of(new Finding("it is late", Instant.EPOCH, "see why"))),
            new History(new Counts(OptionalDouble::empty)),
            Clock.systemUTC(),
            Duration.ZERO);

    @Test
    void newsGoOnAfterAFailureThatNobodyForesaw(CapturedOutput log) {
        answers.add(() -> {
            throw new IllegalStateException("secret of the driver");
        });
        answers.add(() -> LATE);

        assertThat(news())
                .startsWith("event: trouble\n")
                .contains("outbox_console_news_failed")
                .doesNotContain("secret");
        assertThat(log).contains("outbox_console_news_failed").contains("secret of the driver");
        assertThat(news()).startsWith("event: look\n");
    }

    @Test
    void judgementOfTheHealthGoesAlongWithEachSink() {
        answers.add(() -> LATE);

        assertThat(news())
                .contains(
                        "\"findings\":[{\"problem\":\"it is late\",\"since\":\"1970-01-01T00:00:00Z\",\"next\":\"see why\"}]");
    }

    private String news() {
        return new String(looks.news(), UTF_8);
    }
}
