package dev.dualwrite.relay.measure;

import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.autoconfigure.FurtherPrimaries;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;

/**
 * The meters of the relays of this process: those of each sink, the lanes that it holds, and whether it still works. The relays
 * are asked for when a gauge is read, since they are made after their sinks' meters. Thread-safe.
 */
final class RelayMeters implements MeasuredSinks.MeterSource {

    private final ObjectProvider<MeterRegistry> registries;
    private final ObjectProvider<Relay> own;
    private final ObjectProvider<FurtherPrimaries> further;

    RelayMeters(
            ObjectProvider<MeterRegistry> registries,
            ObjectProvider<Relay> own,
            ObjectProvider<FurtherPrimaries> further) {
        this.registries = registries;
        this.own = own;
        this.further = further;
    }

    @Override
    public @Nullable SinkMeters of(@Nullable String primary, String sink) {
        MeterRegistry registry = registries.getIfUnique();
        if (registry == null) {
            return null;
        }
        Tags tags = Tags.of("sink", sink);
        tags = primary == null ? tags : tags.and("primary", primary);
        Gauge.builder("dualwrite.shards.held", this, meters -> meters.held(primary, sink))
                .description("Lanes that this process holds")
                .tags(tags)
                .strongReference(true)
                .register(registry);
        Gauge.builder("dualwrite.relay.broken", this, RelayMeters::broken)
                .description("1 once a Java error has stopped a relay of this process: it must be restarted, else 0")
                .strongReference(true)
                .register(registry);
        return new SinkMeters(registry, tags);
    }

    private double held(@Nullable String primary, String sink) {
        return relays(primary).stream().mapToInt(relay -> relay.lanesHeld(sink)).sum();
    }

    private double broken() {
        return Stream.concat(relays(null).stream(), all().values().stream())
                        .anyMatch(relay -> relay.status().broken())
                ? 1
                : 0;
    }

    private Collection<Relay> relays(@Nullable String primary) {
        Relay relay = primary == null ? own.getIfUnique() : all().get(primary);
        return relay == null ? List.of() : List.of(relay);
    }

    private Map<String, Relay> all() {
        FurtherPrimaries primaries = further.getIfUnique();
        return primaries == null ? Map.of() : primaries.relays();
    }
}
