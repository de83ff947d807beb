package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.relay.Relay;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The primaries that this process relays beside the application's own DataSource, whose {@link Relay} is a bean: each has a
 * relay, connections, leases and breakers of its own. Thread-safe; nothing here blocks.
 */
public final class FurtherPrimaries {

    private final List<FurtherPrimary> all;

    FurtherPrimaries(List<FurtherPrimary> all) {
        this.all = List.copyOf(all);
    }

    /** The relay of each primary that could be reached since the start, by the primary's name. */
    public Map<String, Relay> relays() {
        Map<String, Relay> relays = new TreeMap<>();
        all.forEach(primary -> primary.running().ifPresent(running -> relays.put(primary.name(), running.relay())));
        return relays;
    }

    /** For each primary that could not be reached yet, or does not fit, the reason; it is tried again until it works. */
    public Map<String, String> waiting() {
        Map<String, String> waiting = new TreeMap<>();
        all.forEach(primary -> primary.waitingFor().ifPresent(reason -> waiting.put(primary.name(), reason)));
        return waiting;
    }

    List<FurtherPrimary> all() {
        return all;
    }
}
