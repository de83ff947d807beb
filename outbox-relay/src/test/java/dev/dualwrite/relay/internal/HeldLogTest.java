package dev.dualwrite.relay.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.jdbc.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a log tells of dead entries, and how much. */
class HeldLogTest {

    private final LoggedEvents logged = new LoggedEvents();
    private long now;
    private final HeldLog log = new HeldLog(() -> now);

    @AfterEach
    void close() {
        logged.close();
    }

    @Test
    void deadEntryIsToldWithItsAggregateAndReason() {
        die("copy", 7, "rejected: column total is not null");

        assertThat(logged.of("entry_dead"))
                .containsExactly("entry_dead sink=copy lane=copy/1 entry_id=7 aggregate_type=order aggregate_id=id-7"
                        + " attempts=3 error=null reason=\"rejected: column total is not null\"");
    }

    @Test
    void reasonIsOneLineOfBoundedLength() {
        die("copy", 7, "rejected: a\r\nentry_dead forged\u001b[31m\u2028" + "x".repeat(1000));

        String line = logged.of("entry_dead").get(0);
        assertThat(line).contains("a entry_dead forged [31m x").doesNotContain("\n", "\r", "\u001b", "\u2028");
        assertThat(line.length()).isLessThan(500);
    }

    @Test
    void manyDeadEntriesOfOneKindAreTenLinesAndANumber() {
        for (int id = 1; id <= 100_000; id++) {
            die("copy", id, "rejected: number " + id);
        }
        now += Duration.ofMinutes(1).toNanos();
        log.summarise();

        assertThat(logged.of("entry_dead")).hasSize(10);
        assertThat(logged.of("more_entries_dead"))
                .containsExactly("more_entries_dead sink=copy count=99990 reason=\"rejected\"");
    }

    @Test
    void numberIsNotToldBeforeTheMinuteIsOver() {
        for (int id = 1; id <= 20; id++) {
            die("copy", id, "rejected: no");
        }
        now += Duration.ofSeconds(59).toNanos();
        log.summarise();

        assertThat(logged.of("more_entries_dead")).isEmpty();
    }

    @Test
    void stopTellsTheNumberAtOnce() {
        for (int id = 1; id <= 20; id++) {
            die("copy", id, "rejected: no");
        }
        log.close();

        assertThat(logged.of("more_entries_dead")).hasSize(1);
    }

    @Test
    void everySinkAndKindOfReasonHasLinesOfItsOwn() {
        for (int id = 1; id <= 20; id++) {
            die("copy", id, "rejected: no");
            die("index", id, "rejected: no");
            die("copy", id, "unknown for PT1H, no relay came that knows it: type x");
        }

        assertThat(logged.of("entry_dead")).hasSize(30);
    }

    @Test
    void linesAreWrittenAgainInTheNextMinute() {
        for (int id = 1; id <= 20; id++) {
            die("copy", id, "rejected: no");
        }
        now += Duration.ofMinutes(1).toNanos();
        die("copy", 21, "rejected: no");

        assertThat(logged.of("entry_dead")).hasSize(11);
        assertThat(logged.of("more_entries_dead")).singleElement().asString().contains("count=10 ");
    }

    @Test
    void supersededEntriesAreANumberInTheNextSummary() {
        log.superseded("copy", 3);
        log.superseded("copy", 0);
        log.superseded("copy", 4);
        assertThat(logged.of("entries_superseded")).isEmpty();

        log.summarise();
        log.summarise();

        assertThat(logged.of("entries_superseded")).containsExactly("entries_superseded sink=copy count=7");
    }

    private void die(String sink, long version, String reason) {
        log.settled(
                sink,
                sink + "/1",
                List.of(Failure.dead(new Version(version), 3, null, reason)),
                Map.of(version, Aggregate.of("order", "id-" + version)));
    }
}
