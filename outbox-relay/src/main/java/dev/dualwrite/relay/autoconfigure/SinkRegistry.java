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
import java.util.TreeMap;
import java.util.TreeSet;

/** The sinks of this process: beans of the user's, and those that are made from configuration, which it also closes. */
final class SinkRegistry implements AutoCloseable {

    private final Map<String, Sink> all = new TreeMap<>();
    private final Map<String, Sink> made = new LinkedHashMap<>();

    /**
     * Makes the configured sinks and looks at every secondary. One that cannot be reached is logged and asked again before
     * its first apply; one that does not fit stops the start.
     *
     * @throws OutboxConfigurationException with the mistakes of all sinks
     */
    SinkRegistry(Map<String, Sink> beans, Map<String, SinkSettings> settings, List<SinkFactory> factories) {
        all.putAll(beans);
        var mistakes = new ArrayList<String>();
        settings.forEach((name, sink) -> {
            if (beans.containsKey(name)) {
                if (sink.type() != null) {
                    mistakes.add("dualwrite.sinks." + name + ".type is " + sink.type()
                            + ", but there is also a Sink bean named '" + name + "': remove one of the two");
                }
            } else {
                make(name, sink, factories, mistakes);
            }
        });
        all.putAll(made);
        all.forEach((name, sink) -> validate(name, sink, mistakes));
        if (!mistakes.isEmpty()) {
            close();
            throw new OutboxConfigurationException(mistakes);
        }
    }

    /** Every sink by its name. */
    Map<String, Sink> sinks() {
        return Map.copyOf(all);
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

    private void make(String name, SinkSettings settings, List<SinkFactory> factories, List<String> mistakes) {
        for (SinkFactory factory : factories) {
            if (factory.type().equals(settings.type())) {
                try {
                    made.put(name, factory.create(name, settings));
                } catch (OutboxConfigurationException e) {
                    mistakes.addAll(e.mistakes());
                }
                return;
            }
        }
        var types = new TreeSet<>(factories.stream().map(SinkFactory::type).toList());
        mistakes.add("dualwrite.sinks." + name + ".type is " + settings.type() + ", expected one of " + types
                + ", or a Sink bean named '" + name + "'");
    }

    private static void validate(String name, Sink sink, List<String> mistakes) {
        if (sink instanceof StartupCheck check) {
            try {
                check.validate();
            } catch (OutboxConfigurationException e) {
                mistakes.addAll(e.mistakes());
            } catch (Exception e) {
                RelayLog.sinkUnreachable(name, e);
            }
        }
    }
}
