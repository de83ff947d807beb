package dev.dualwrite.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultsTest {

    private final Results results = new Results();

    @Test
    void medianIsTheMiddleOfAllRounds() {
        add("relay", 900, 100, 200);

        assertThat(results.median("relay", Metric.SECONDS)).isEqualTo(200);
    }

    @Test
    void medianOfAnEvenNumberOfRoundsIsHalfwayBetweenTheMiddleTwo() {
        add("relay", 4, 1, 3, 100);

        assertThat(results.median("relay", Metric.SECONDS)).isEqualTo(3.5);
    }

    @Test
    void medianOfWhatWasNotMeasuredIsNotANumber() {
        add("relay", 1);

        assertThat(results.median("relay", Metric.WAL_BYTES)).isNaN();
        assertThat(results.median("another", Metric.SECONDS)).isNaN();
    }

    @Test
    void ratioIsTakenRoundByRound() {
        // The machine was ten times slower in the second round: the medians of each side would say 2/3.
        add("relay", 1, 10, 2);
        add("limit", 2, 20, 3);

        assertThat(results.ratio("relay", "limit", Metric.SECONDS)).isEqualTo(0.5);
    }

    @Test
    void ratioToWhatWasNotMeasuredIsNotANumber() {
        add("relay", 1);

        assertThat(results.ratio("relay", "limit", Metric.SECONDS)).isNaN();
    }

    @Test
    void differenceAndSpreadAreTakenRoundByRoundToo() {
        add("relay", 2, 30, 4);
        add("limit", 1, 20, 4);

        assertThat(results.difference("relay", "limit", Metric.SECONDS)).isEqualTo(1);
        assertThat(results.spread("relay", "limit", Metric.SECONDS)).isEqualTo("1.00 to 2.00");
    }

    @Test
    void contendersKeepTheOrderOfTheirFirstRound() {
        add("b", 1);
        add("a", 1);
        add("b", 2);

        assertThat(results.contenders()).containsExactly("b", "a");
        assertThat(results.all("b", Metric.SECONDS)).isEqualTo(List.of(1.0, 2.0));
    }

    private void add(String contender, double... values) {
        for (double value : values) {
            results.add(contender, Map.of(Metric.SECONDS, value));
        }
    }
}
