package dev.dualwrite.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StatusTest {

    @Test
    void lineShowsWhereTheServiceIsAndHowTheDualWriteStands() {
        assertThat(new Status("http://localhost:8081", 100, 12345, 12340, 0.26, 2).line())
                .isEqualTo("http://localhost:8081  written 12,345  applied 12,340  lag 0.3 s  stuck 2");
    }

    @Test
    void lineShowsTheProgressOfTheSampleData() {
        assertThat(new Status("http://localhost:8080", 42, 4250, 4100, 0.05, 0).line())
                .startsWith("loading sample data 42 %  written 4,250");
    }

    @Test
    void lineFitsATerminal() {
        assertThat(new Status("http://localhost:65535", 100, 999_999, 999_999, 99.9, 0).line())
                .hasSizeLessThanOrEqualTo(80);
    }
}
