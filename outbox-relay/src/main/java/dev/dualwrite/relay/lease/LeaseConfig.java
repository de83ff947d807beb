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

    /** A take meets the settle of a holder that was too late, which lasts milliseconds. */
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(10);

    public LeaseConfig {
        sinkIds = Set.copyOf(sinkIds);
    }

    /**
     * How long the lease thread waits for a row that somebody else has locked. ShedLock tries an unlock ten times: all of them
     * together must leave time to renew, a third of a lease later.
     */
    public Duration lockTimeout() {
        Duration share = duration.dividedBy(40);
        return share.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : share;
    }
}
