package dev.dualwrite.relay;

import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.retention.Retention;
import java.time.Duration;

/**
 * How a relay works. Immutable; what of it contradicts itself is found by the configuration, all at once.
 *
 * @param claims how entries are claimed
 * @param leaseDuration how long a lane is taken for; after a kill another relay takes over at most this long later
 * @param shutdownTimeout how long a stop waits for batches under way
 * @param retention how long the primary keeps the record and discarded entries
 */
public record RelayConfig(ClaimConfig claims, Duration leaseDuration, Duration shutdownTimeout, Retention retention) {

    /** A relay that purges nothing. */
    public RelayConfig(ClaimConfig claims, Duration leaseDuration, Duration shutdownTimeout) {
        this(claims, leaseDuration, shutdownTimeout, Retention.FOR_EVER);
    }
}
