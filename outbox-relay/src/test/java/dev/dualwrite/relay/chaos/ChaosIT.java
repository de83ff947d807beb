package dev.dualwrite.relay.chaos;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Every kind of fault at least once, for about three minutes; {@link ChaosSoakIT} is the long run. */
class ChaosIT {

    private static final Duration TIME = Duration.ofSeconds(Long.getLong("dualwrite.chaos.seconds", 130));

    @Test
    void nothingIsLostInventedOrOutOfOrderWhateverFails() throws Exception {
        ChaosRun.run(Faults.chosen(), new ChaosRun.Enough(1, TIME));
    }
}
