package dev.dualwrite.relay.chaos;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** {@link ChaosIT} for as long as it takes to see each kind of fault after each other: about fifteen minutes. */
@EnabledIfSystemProperty(
        named = "dualwrite.soak",
        matches = "true",
        disabledReason = "minutes long; run it with -Psoak")
class ChaosSoakIT {

    private static final int FAULTS = 210;

    @Test
    void nothingIsLostInventedOrOutOfOrderAfterHundredsOfFaults() throws Exception {
        ChaosRun.run(Faults.chosen(), new ChaosRun.Enough(FAULTS, Duration.ZERO));
    }
}
