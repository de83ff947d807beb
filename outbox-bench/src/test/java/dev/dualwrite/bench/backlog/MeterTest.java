package dev.dualwrite.bench.backlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeterTest {

    private static final Sink APPLIES = entries -> Collections.nCopies(entries.size(), ApplyResult.applied());
    private static final Sink FAILS = entries -> {
        throw new IllegalStateException("always");
    };

    @Test
    void sliceEndsWithTheCallThatReachesItsNumber() throws Exception {
        var meter = new Meter(APPLIES);
        meter.arm(5);

        meter.apply(entries(3));
        meter.apply(entries(3));
        meter.apply(entries(3));

        assertThat(meter.drained().entries()).isEqualTo(6);
        assertThat(meter.drained().nanos()).isPositive();
        assertThat(meter.drained().longestPauseNanos())
                .isLessThanOrEqualTo(meter.drained().nanos());
    }

    @Test
    void callThatFailsCountsNothing() throws Exception {
        var meter = new Meter(FAILS);
        meter.arm(1);

        assertThatThrownBy(() -> meter.apply(entries(3))).hasMessage("always");

        meter.keep(false);
        meter.apply(entries(2));
        assertThat(meter.drained().entries()).isEqualTo(2);
    }

    @Test
    void entriesThatPassDoNotReachTheSink() throws Exception {
        var meter = new Meter(FAILS);
        meter.keep(false);

        assertThat(meter.apply(entries(2))).containsOnly(ApplyResult.applied()).hasSize(2);
    }

    private static List<ClaimedEntry> entries(int number) {
        return Collections.nCopies(
                number,
                new ClaimedEntry(
                        new Version(1),
                        0,
                        new Aggregate("order", "1"),
                        Operation.DELETE,
                        null,
                        "order",
                        1,
                        Map.of(),
                        Instant.EPOCH));
    }
}
