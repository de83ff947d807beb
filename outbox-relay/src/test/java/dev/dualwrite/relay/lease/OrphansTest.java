package dev.dualwrite.relay.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.Lane;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a free lane counts as one that nobody takes. Time is in units of the interval of looks, times ten. */
class OrphansTest {

    private static final Lane A = new Lane((short) 1, 0, "copy/0");
    private static final Lane B = new Lane((short) 1, 1, "copy/1");
    private static final Lane OTHER_SINK = new Lane((short) 2, 0, "index/0");

    private final Orphans orphans = new Orphans(10);

    @Test
    void laneIsAnOrphanWhenItIsFreeInTwoSuccessiveLooks() {
        assertThat(orphans.seen(List.of(A), 0)).isEmpty();
        assertThat(orphans.seen(List.of(A, B), 10)).containsExactly(A);
        assertThat(orphans.seen(List.of(A, B), 20)).containsExactlyInAnyOrder(A, B);
    }

    @Test
    void looksThatFollowEachOtherTooSoonCountAsOne() {
        assertThat(orphans.seen(List.of(A), 0)).isEmpty();
        assertThat(orphans.seen(List.of(A), 1)).isEmpty();
        assertThat(orphans.seen(List.of(A), 9)).isEmpty();
        assertThat(orphans.seen(List.of(A), 11)).containsExactly(A);
    }

    @Test
    void laneThatWasTakenInBetweenIsNone() {
        orphans.seen(List.of(A), 0);
        orphans.seen(List.of(), 5);

        assertThat(orphans.seen(List.of(A), 10)).isEmpty();
    }

    @Test
    void nothingIsAnOrphanWhileSomebodyStillTakesLanesOfItsSink() {
        orphans.seen(List.of(A, B, OTHER_SINK), 0);

        assertThat(orphans.seen(List.of(A, OTHER_SINK), 10)).containsExactly(OTHER_SINK);
        assertThat(orphans.seen(List.of(A), 20)).containsExactly(A);
    }
}
