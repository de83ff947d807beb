package dev.dualwrite.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ExtentTest {

    @Test
    void fullExtentLeavesEverythingAsItIs() {
        assertThat(Extent.full().count(200_000)).isEqualTo(200_000);
        assertThat(Extent.full().count(8)).isEqualTo(8);
        assertThat(Extent.full().time(Duration.ofSeconds(20))).isEqualTo(Duration.ofSeconds(20));
        assertThat(Extent.full().rounds()).isGreaterThanOrEqualTo(5);
    }

    @Test
    void smokeDividesCountsAndTimes() {
        var tenth = new Extent(1, 0, 10);

        assertThat(tenth.count(20_000)).isEqualTo(2000);
        assertThat(tenth.time(Duration.ofSeconds(20))).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void fiftyAreLeftUnlessThereWereFewer() {
        var tenth = new Extent(1, 0, 10);

        assertThat(tenth.count(400)).isEqualTo(50);
        assertThat(tenth.count(8)).isEqualTo(8);
    }
}
