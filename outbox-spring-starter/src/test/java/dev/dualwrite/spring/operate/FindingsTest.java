package dev.dualwrite.spring.operate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.Overview.Backlog;
import dev.dualwrite.outbox.jdbc.Overview.SinkOverview;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When a sink counts as degraded, and what is said of it. */
class FindingsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private static final Duration UNHELD_FOR = Duration.ofSeconds(60);

    private final Findings findings = new Findings(Duration.ofMinutes(5), UNHELD_FOR, Set.of("copy"));

    @Test
    void sinkThatIsWorkedAndKeepsUpHasNone() {
        assertThat(of(sink("running", 1, 0, Duration.ofMinutes(5), 0), null)).isEmpty();
    }

    @Test
    void sinkThatNoLivingRelayCarriesIsFound() {
        assertThat(of(sink("running", 0, 16, Duration.ZERO, 0), NOW.minusSeconds(3600)))
                .containsExactly("no living relay carries it");
    }

    @Test
    void sinkThatWasRetiredIsNotFoundUnlessItHasEntries() {
        var others = new Findings(Duration.ofMinutes(5), UNHELD_FOR, Set.of("search"));

        assertThat(others.of(sink("running", 0, 16, Duration.ZERO, 0), NOW, null))
                .isEmpty();
        assertThat(others.of(sink("running", 0, 16, Duration.ZERO, 1), NOW, null))
                .extracting(Finding::problem)
                .containsExactly("no living relay carries it", "1 entries are dead");
    }

    @Test
    void pauseIsFoundWithWhoAndWhyAndATrippedBreakerWithItsReason() {
        assertThat(of(sink("paused", 1, 0, Duration.ZERO, 0), null)).containsExactly("paused by olga: because");
        assertThat(of(sink("tripped", 1, 0, Duration.ZERO, 0), null))
                .containsExactly("its store does not work: because");
    }

    @Test
    void lanesWithoutAHolderAreFoundOnceThatIsLongerThanATakeOver() {
        SinkOverview sink = sink("running", 1, 3, Duration.ZERO, 0);

        assertThat(of(sink, NOW.minus(UNHELD_FOR).plusMillis(1))).isEmpty();
        assertThat(of(sink, NOW.minus(UNHELD_FOR))).containsExactly("3 of 16 lanes are held by no living relay");
    }

    @Test
    void lagOverTheBudgetAndDeadEntriesAreFound() {
        assertThat(of(sink("running", 1, 0, Duration.ofMinutes(6), 2), null))
                .containsExactly("the oldest entry is 360 s old, more than the budget of 300 s", "2 entries are dead");
    }

    private List<String> of(SinkOverview sink, Instant unheldSince) {
        List<Finding> found = findings.of(sink, NOW, unheldSince);
        assertThat(found).allSatisfy(finding -> assertThat(finding.next()).isNotBlank());
        return found.stream().map(Finding::problem).toList();
    }

    private static SinkOverview sink(String state, int relays, int unheld, Duration lag, long dead) {
        return new SinkOverview(
                "copy",
                state,
                "because",
                NOW,
                "olga",
                relays,
                0,
                new Backlog(dead, false, NOW.minus(lag), lag, dead, 0, 0),
                16,
                unheld);
    }
}
