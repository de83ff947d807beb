package dev.dualwrite.relay.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** How the lanes of one sink are shared out. */
class SinkShareTest {

    private static final List<String> THREE = List.of("a", "b", "c");

    @Test
    void sharesAddUpToAllLanesAndDifferByOneAtMost() {
        assertThat(SinkShare.of((short) 0, THREE, Map.of(), 16)).isEqualTo(Map.of("a", 6, "b", 5, "c", 5));
        assertThat(SinkShare.of((short) 0, THREE, Map.of(), 15)).isEqualTo(Map.of("a", 5, "b", 5, "c", 5));
    }

    @Test
    void lanesThatAreFewerThanCarriersGoToSomeOfThem() {
        assertThat(SinkShare.of((short) 0, THREE, Map.of(), 2)).isEqualTo(Map.of("a", 1, "b", 1, "c", 0));
    }

    @Test
    void extraStaysWithTheOneThatHoldsItAlready() {
        assertThat(SinkShare.of((short) 0, THREE, Map.of("a", 5, "b", 5, "c", 6), 16))
                .isEqualTo(Map.of("a", 5, "b", 5, "c", 6));
    }

    @Test
    void extrasOfSeveralSinksDoNotAllLandOnTheSameCarrier() {
        Map<String, Integer> sum = new TreeMap<>();
        for (short sink = 1; sink <= 3; sink++) {
            SinkShare.of(sink, THREE, Map.of(), 16)
                    .forEach((carrier, share) -> sum.merge(carrier, share, Integer::sum));
        }

        assertThat(sum).isEqualTo(Map.of("a", 16, "b", 16, "c", 16));
    }

    @Test
    void sinkThatNobodyCarriesIsSharedOutToNobody() {
        assertThat(SinkShare.of((short) 1, List.of(), Map.of(), 16)).isEmpty();
    }
}
