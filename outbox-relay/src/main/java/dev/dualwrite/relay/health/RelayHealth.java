package dev.dualwrite.relay.health;

import dev.dualwrite.relay.RelayStatus;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether the relays of this process can still work: down once an error has stopped one of them, since only a new process helps
 * then. Nothing outside the process counts, no database is asked: a secondary that is down must not get a pod restarted.
 * Thread-safe; does not block.
 */
final class RelayHealth implements HealthIndicator {

    private final Supplier<Map<String, RelayStatus>> relays;

    /**
     * The health of these relays.
     *
     * @param relays what each relay says at the time of asking, by its name
     */
    RelayHealth(Supplier<Map<String, RelayStatus>> relays) {
        this.relays = relays;
    }

    @Override
    public Health health() {
        var told = new TreeMap<String, Object>();
        boolean broken = false;
        for (Map.Entry<String, RelayStatus> relay : relays.get().entrySet()) {
            RelayStatus status = relay.getValue();
            broken |= status.broken();
            told.put(relay.getKey(), Map.of("broken", status.broken(), "lanesHeld", status.lanesHeld()));
        }
        return (broken ? Health.down() : Health.up()).withDetails(told).build();
    }
}
