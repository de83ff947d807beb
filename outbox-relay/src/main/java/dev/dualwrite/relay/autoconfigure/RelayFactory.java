package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.jdbc.WakeUpChannel;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.RelayConfig;
import dev.dualwrite.relay.apply.ConfiguredSink;
import dev.dualwrite.relay.notify.NotifyListener;
import dev.dualwrite.relay.observe.SinkObservers;
import dev.dualwrite.relay.retention.Retention;
import dev.dualwrite.relay.sink.SinkSettings;
import dev.dualwrite.relay.state.References;
import dev.dualwrite.relay.state.References.Room;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Makes the relay of each primary, with the settings and sinks of this process. Immutable.
 *
 * @param overrides what sinks set for themselves, by name
 * @param sinks every sink of this process, by name
 * @param payloads what the payloads go through before a sink gets them
 * @param listens whether relays listen for the NOTIFY of other processes
 * @param states who loads what references refer to
 * @param observers who is told what becomes of the entries
 * @param retention how long each primary keeps what the relaying does not need
 */
record RelayFactory(
        RelaySettings settings,
        Map<String, SinkSettings> overrides,
        Map<String, Sink> sinks,
        CrashProbe probe,
        Payloads payloads,
        boolean listens,
        StateSettings states,
        SinkObservers observers,
        Retention retention) {

    /** Those of a primary's sinks that this process carries. */
    List<ConfiguredSink> configured(@Nullable String primary, Map<String, Short> sinkIds, References references) {
        return sinkIds.entrySet().stream()
                .filter(id -> sinks.containsKey(id.getKey()))
                .sorted(Map.Entry.comparingByKey())
                .map(id -> settings.configured(
                                id.getKey(), id.getValue(), engine(id.getKey(), references), overrides.get(id.getKey()))
                        .observedBy(observers.of(primary, id.getKey())))
                .toList();
    }

    /** The relay of the application's own primary, not started: beans that load states read that one. */
    Relay relay(DataSource primary, String schema, Map<String, Short> sinkIds) {
        var references = new References(primary, schema, states.ofTheFirst(), room());
        return new Relay(primary, schema, config(), configured(null, sinkIds, references), probe);
    }

    private Relay further(PrimaryDatabase primary, Map<String, Short> sinkIds) {
        var references = new References(primary.connections(), primary.schema(), states.ofOthers(), room());
        return new Relay(
                primary.connections(),
                primary.schema(),
                config(),
                configured(primary.name(), sinkIds, references),
                probe);
    }

    private Room room() {
        return new Room(states.payloadMaxBytes(), config().claims().batchMaxBytes());
    }

    /** The same relay, with what wakes it when other processes commit. */
    ListeningRelay listening(String name, Relay relay, DataSource primary, String schema) {
        return new ListeningRelay(
                relay,
                listens
                        ? () -> new NotifyListener(
                                name, primary, new WakeUpChannel(schema), config().leaseDuration(), relay::wake)
                        : null);
    }

    /** The relay of a further primary. */
    ListeningRelay listening(PrimaryDatabase primary, Map<String, Short> sinkIds) {
        Relay relay = further(primary, sinkIds);
        return listening(primary.name(), relay, primary.connections(), primary.schema());
    }

    /** All relays of this process share its heap. */
    private RelayConfig config() {
        RelayConfig alone = settings.relayConfig();
        return new RelayConfig(
                alone.claims().within(Runtime.getRuntime().maxMemory(), sinks.size()),
                alone.leaseDuration(),
                alone.shutdownTimeout(),
                retention);
    }

    /** What comes in front of a sink: states are loaded, then payloads are brought into its shape. */
    private Sink engine(String name, References references) {
        SinkSettings own = overrides.get(name);
        return references.before(payloads.chainOf(name, own).around(sink(name)), settings.timeoutOf(own));
    }

    private Sink sink(String name) {
        Sink sink = sinks.get(name);
        if (sink == null) {
            throw new IllegalArgumentException("sink '" + name + "' is none of " + sinks.keySet());
        }
        return sink;
    }
}
