package dev.dualwrite.relay;

import dev.dualwrite.relay.apply.ClaimConfig;
import java.time.Duration;

/**
 * How a relay works. Immutable; what of it contradicts itself is found by the configuration, all at once.
 *
 * @param claims how entries are claimed
 * @param leaseDuration how long a lane is taken for; after a kill another relay takes over at most this long later
 * @param shutdownTimeout how long a stop waits for batches under way
 */
public record RelayConfig(ClaimConfig claims, Duration leaseDuration, Duration shutdownTimeout) {}
