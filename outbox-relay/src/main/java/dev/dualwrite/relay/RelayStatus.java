package dev.dualwrite.relay;

import java.util.Map;
import java.util.UUID;

/**
 * What a relay has done since its start. Immutable.
 *
 * @param relay the id of this relay start
 * @param lanesHeld lanes (a sink and a shard) that this relay holds now
 * @param applied entries whose effect was written by this relay
 * @param stale entries that were found to be older than what the secondary held
 * @param coalesced entries that were not sent, since a newer one of their aggregate was
 * @param tripped for each sink whose store does not work the reason
 * @param broken whether an error stopped it: then the process must be restarted
 */
public record RelayStatus(
        UUID relay,
        int lanesHeld,
        long applied,
        long stale,
        long coalesced,
        Map<String, String> tripped,
        boolean broken) {

    public RelayStatus {
        tripped = Map.copyOf(tripped);
    }
}
