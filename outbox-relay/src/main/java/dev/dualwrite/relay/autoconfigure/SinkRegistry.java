package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.sink.SinkFactory;
import dev.dualwrite.relay.sink.SinkSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sinks of this process, all looked at: beans of the user's, and those that are made from configuration. Immutable.
 *
 * @param sinks every sink by its name
 */
record SinkRegistry(Map<String, Sink> sinks) {

    SinkRegistry {
        sinks = Map.copyOf(sinks);
    }

    /**
     * Makes the sinks that are left to make and looks at every secondary. One that cannot be reached is logged and asked again
     * before its first apply; one that does not fit stops the start.
     *
     * @param settings of the sinks that are no beans
     * @throws OutboxConfigurationException with the mistakes of all sinks
     */
    static SinkRegistry of(
            Map<String, Sink> beans,
            Map<String, SinkSettings> settings,
            ConfiguredSinks configured,
            List<SinkFactory> factories) {
        var mistakes = new ArrayList<String>();
        settings.forEach((name, sink) -> {
            if (!configured.made().containsKey(name)) {
                mistakes.addAll(configured.make(name, sink, factories));
            }
        });
        var all = new TreeMap<>(configured.made());
        all.putAll(beans);
        mistakes.addAll(ConfiguredSinks.look(all));
        if (!mistakes.isEmpty()) {
            throw new OutboxConfigurationException(mistakes);
        }
        return new SinkRegistry(all);
    }
}
