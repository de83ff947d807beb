package dev.dualwrite.relay.lease;

import java.time.Duration;
import java.util.Set;
import java.util.UUID;

/**
 * Which lanes a relay wants, and for how long it takes them. Immutable.
 *
 * @param relay the id of this relay start: never a host name, two relays on one host would renew each other's locks
 * @param host host name and process id, for a person
 * @param sinkIds the sinks that this relay carries
 * @param duration of a lease; renewed every third of it
 */
public record LeaseConfig(UUID relay, String host, Set<Short> sinkIds, Duration duration) {

    public LeaseConfig {
        sinkIds = Set.copyOf(sinkIds);
    }
}
