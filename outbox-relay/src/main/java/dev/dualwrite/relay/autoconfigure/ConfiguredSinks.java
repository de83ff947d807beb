package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.internal.RelayLog;
import dev.dualwrite.relay.sink.SinkFactory;
import dev.dualwrite.relay.sink.SinkSettings;
import dev.dualwrite.relay.sink.StartupCheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The sinks that are made from configuration, and closed when the context is. Confined to the thread that starts it. */
final class ConfiguredSinks implements AutoCloseable {

    private final Map<String, Sink> made = new LinkedHashMap<>();

    /** Those that could be made, by name. */
    Map<String, Sink> made() {
        return Map.copyOf(made);
    }

    /** Makes a sink, without I/O; the mistakes if that is not possible. */
    List<String> make(String name, SinkSettings settings, List<SinkFactory> factories) {
        for (SinkFactory factory : factories) {
            if (factory.type().equals(settings.type())) {
                try {
                    made.put(name, factory.create(name, settings));
                    return List.of();
                } catch (OutboxConfigurationException e) {
                    return e.mistakes();
                }
            }
        }
        var types = new TreeSet<>(factories.stream().map(SinkFactory::type).toList());
        String property = "dualwrite.sinks." + name + ".type";
        return List.of(property + " is " + settings.type() + ", expected one of " + types + ", or a Sink bean named '"
                + name + "'. Next: " + (settings.type() == null ? "set " : "correct ") + property
                + ", or declare that bean");
    }

    /** Looks at the secondaries of sinks; one that cannot be reached is logged, and asked again before its first apply. */
    static List<String> look(Map<String, Sink> sinks) {
        var mistakes = new ArrayList<String>();
        sinks.forEach((name, sink) -> {
            if (sink instanceof StartupCheck check) {
                try {
                    check.validate();
                } catch (OutboxConfigurationException e) {
                    mistakes.addAll(e.mistakes());
                } catch (Exception e) {
                    RelayLog.sinkUnreachable(name, e);
                }
            }
        });
        return mistakes;
    }

    @Override
    public void close() {
        for (Sink sink : made.values()) {
            if (sink instanceof AutoCloseable closeable) {
                try {
                    closeable.close();
                } catch (Exception e) {
                    RelayLog.sinkNotClosed(e);
                }
            }
        }
    }
}
