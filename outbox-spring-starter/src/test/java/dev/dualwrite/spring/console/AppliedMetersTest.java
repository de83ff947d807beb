package dev.dualwrite.spring.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.CountingMode;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The total on the page. */
class AppliedMetersTest {

    private static final String APPLIED = "dualwrite.entries.applied";

    @Test
    void sinksAreSummedAndOtherDatabasesLeftOut() {
        var meters = new SimpleMeterRegistry();
        meters.counter(APPLIED, "sink", "copy").increment(3);
        meters.counter(APPLIED, "sink", "search").increment(4);
        meters.counter(APPLIED, "sink", "copy", "primary", "billing").increment(100);

        assertThat(AppliedMeters.total(meters)).hasValue(7);
    }

    @Test
    void nothingCountedIsNotZero() {
        var meters = new SimpleMeterRegistry();
        meters.counter(APPLIED, "sink", "copy", "primary", "billing").increment(100);

        assertThat(AppliedMeters.total(meters)).isEmpty();
    }

    @Test
    void whatCountsByStepsIsNoTotal() {
        var meters = byStep();
        meters.counter(APPLIED, "sink", "copy").increment(3);

        assertThat(AppliedMeters.total(meters)).isEmpty();
    }

    @Test
    void amongSeveralOneThatKeepsTotalsAnswers() {
        for (List<MeterRegistry> order :
                List.of(List.of(byStep(), new SimpleMeterRegistry()), List.of(new SimpleMeterRegistry(), byStep()))) {
            var meters = new CompositeMeterRegistry(Clock.SYSTEM, order);
            meters.counter(APPLIED, "sink", "copy").increment(3);

            assertThat(AppliedMeters.total(meters)).hasValue(3);
        }
    }

    private static MeterRegistry byStep() {
        SimpleConfig config = new SimpleConfig() {
            @Override
            public String get(String key) {
                return null;
            }

            @Override
            public CountingMode mode() {
                return CountingMode.STEP;
            }
        };
        return new SimpleMeterRegistry(config, Clock.SYSTEM);
    }
}
