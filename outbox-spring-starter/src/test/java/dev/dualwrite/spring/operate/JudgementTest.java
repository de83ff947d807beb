package dev.dualwrite.spring.operate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.Overview;
import dev.dualwrite.outbox.jdbc.Overview.Backlog;
import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is remembered from look to look. */
class JudgementTest {

    private static final Instant BEGIN = Instant.parse("2026-01-01T12:00:00Z");

    private final Judgement judgement = new Judgement(
            new Findings(Duration.ofMinutes(5), Duration.ofMinutes(1), Set.of("copy")), Duration.ofMinutes(2));

    @Test
    void lanesWithoutAHolderFromLookToLookAreFound() {
        assertThat(unheldAt(0)).isEmpty();
        assertThat(unheldAt(30)).isEmpty();
        assertThat(unheldAt(60)).hasSize(1);
    }

    @Test
    void afterALongTimeWithoutALookItIsNotKnownSinceWhen() {
        unheldAt(0);
        assertThat(unheldAt(120)).hasSize(1);

        assertThat(unheldAt(241)).isEmpty();
        assertThat(unheldAt(301)).hasSize(1);
    }

    @Test
    void lookThatComesLateChangesNothing() {
        unheldAt(0);
        unheldAt(50);
        look(40, 0);

        assertThat(unheldAt(60)).hasSize(1);
    }

    private List<Finding> unheldAt(int second) {
        return look(second, 3);
    }

    private List<Finding> look(int second, int unheld) {
        Instant at = BEGIN.plusSeconds(second);
        var sink = new SinkOverview(
                "copy",
                "running",
                null,
                null,
                null,
                1,
                0,
                new Backlog(0, false, null, Duration.ZERO, 0, 0, 0),
                16,
                unheld);
        return judgement.of(new Overview(List.of(sink), List.of()), at).get("copy");
    }
}
