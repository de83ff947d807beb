package dev.dualwrite.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class VersionTest {

    private static final long MAX_SEQUENCE = (1L << 48) - 1;

    @Test
    void epochIsAboveAndSequenceBelow() {
        Version version = Version.of(3, 77);

        assertThat(version.value()).isEqualTo(3 * 281_474_976_710_656L + 77);
        assertThat(version.epoch()).isEqualTo(3);
        assertThat(version.sequence()).isEqualTo(77);
    }

    @Test
    void higherEpochWinsOverAnySequence() {
        assertThat(Version.of(1, 0)).isGreaterThan(Version.of(0, MAX_SEQUENCE));
        assertThat(Version.of(1, 2)).isGreaterThan(Version.of(1, 1));
        assertThat(Version.of(1, 2)).isEqualByComparingTo(Version.of(1, 2));
    }

    @Test
    void copiedRowIsOlderThanEveryEntry() {
        assertThat(new Version(0)).isLessThan(Version.of(0, 1));
    }

    @Test
    void largestVersionIsTheLargestLong() {
        Version largest = Version.of(32_767, MAX_SEQUENCE);

        assertThat(largest.value()).isEqualTo(Long.MAX_VALUE);
        assertThat(largest.epoch()).isEqualTo(32_767);
        assertThat(largest.sequence()).isEqualTo(MAX_SEQUENCE);
    }

    @Test
    void partsOutOfRangeAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Version.of(-1, 1)).withMessageContaining("epoch is -1");
        assertThatIllegalArgumentException().isThrownBy(() -> Version.of(32_768, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> Version.of(0, -1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Version.of(0, MAX_SEQUENCE + 1))
                .withMessageContaining("sequence is 281474976710656");
        assertThatIllegalArgumentException().isThrownBy(() -> new Version(-1));
    }
}
