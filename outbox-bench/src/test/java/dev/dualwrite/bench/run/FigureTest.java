package dev.dualwrite.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FigureTest {

    @ParameterizedTest
    @CsvSource({"0.85, MET", "0.9, MET", "0.8499, MISSED", "NaN, REPORTED"})
    void atLeastIsMetFromTheGoalOn(double measured, Figure.Verdict verdict) {
        assertThat(Figure.atLeast("drain", 0.85, measured).verdict()).isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({"8, MET", "7.9, MET", "8.01, MISSED", "NaN, REPORTED"})
    void atMostIsMetUpToTheGoal(double measured, Figure.Verdict verdict) {
        assertThat(Figure.atMost("p99", 8, measured, " ms").verdict()).isEqualTo(verdict);
    }

    @Test
    void unitStandsBehindGoalAndValue() {
        assertThat(Figure.atMost("p99", 8, 7.5, " ms"))
                .isEqualTo(new Figure("p99", "≤ 8 ms", "7.50 ms", Figure.Verdict.MET));
        assertThat(Figure.atLeast("drain", 3, 4.25)).isEqualTo(new Figure("drain", "≥ 3", "4.25", Figure.Verdict.MET));
    }

    @Test
    void figureWithoutAGoalIsReported() {
        assertThat(Figure.reported("WAL", 480, " bytes"))
                .isEqualTo(new Figure("WAL", "", "480 bytes", Figure.Verdict.REPORTED));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1234567.8 | 1,234,568",
                "100 | 100",
                "99.994 | 99.99",
                "3 | 3",
                "0.1 | 0.10",
                "0.0099 | 0.0099",
                "0 | 0",
                "NaN | –"
            })
    void numbersHaveAsManyDigitsAsTheyNeed(double value, String text) {
        assertThat(Figure.reported("x", value, "").measured()).isEqualTo(text);
    }
}
