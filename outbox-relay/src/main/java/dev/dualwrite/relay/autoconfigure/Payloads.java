package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.spi.PayloadDecoder;
import dev.dualwrite.outbox.spi.Projection;
import dev.dualwrite.outbox.spi.Upcaster;
import dev.dualwrite.outbox.spi.Upcasters;
import dev.dualwrite.relay.internal.RelayLog;
import dev.dualwrite.relay.payload.PayloadChain;
import dev.dualwrite.relay.sink.KnownPayloads;
import dev.dualwrite.relay.sink.SinkSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;

/**
 * What this process knows of payloads: the beans that decode, lift and project them, and what stands under {@code
 * dualwrite.sinks} of them. Immutable.
 *
 * @param projections by the names of their beans
 */
record Payloads(
        List<PayloadDecoder> decoders,
        List<Upcaster> upcasters,
        Map<String, Projection> projections,
        Map<String, SinkSettings> sinks) {

    static Payloads of(ListableBeanFactory beans, Map<String, SinkSettings> sinks) {
        return new Payloads(
                ordered(beans, PayloadDecoder.class),
                ordered(beans, Upcaster.class),
                new TreeMap<>(beans.getBeansOfType(Projection.class)),
                sinks);
    }

    private static <T> List<T> ordered(BeanFactory beans, Class<T> type) {
        return beans.getBeanProvider(type).orderedStream().toList();
    }

    /** Everything that keeps payloads from a way to these sinks. Projects the samples of the projections that they use. */
    List<String> mistakes(Set<String> used) {
        var mistakes = new ArrayList<>(Upcasters.mistakes(upcasters));
        boolean chains = mistakes.isEmpty();
        var checked = new TreeSet<String>();
        new TreeMap<>(sinks).forEach((name, settings) -> {
            if (used.contains(name)) {
                if (chains) {
                    checkKnown("dualwrite.sinks." + name + ".payload-types", settings, mistakes);
                }
                checkProjection("dualwrite.sinks." + name + ".projection", settings, checked, mistakes);
            }
        });
        return mistakes;
    }

    /** The chain of a sink, once there are no mistakes. */
    PayloadChain chainOf(String sink, @Nullable SinkSettings settings) {
        var lifted = new Upcasters(upcasters);
        Map<String, Integer> known = settings == null ? Map.of() : settings.payloadTypes();
        String wanted = settings == null ? null : settings.projection();
        Projection projection = wanted == null ? null : projections.get(wanted);
        if (projection != null) {
            RelayLog.projectionUsed(sink, projection.name(), projection.version());
        }
        return new PayloadChain(
                decoders,
                lifted,
                known.isEmpty() ? KnownPayloads.upTo(lifted.newestVersions()) : KnownPayloads.only(known),
                projection);
    }

    /** A chain that ends beyond what a sink knows would have every entry wait, and then die. */
    private void checkKnown(String property, SinkSettings settings, List<String> mistakes) {
        Map<String, Integer> known = settings.payloadTypes();
        if (known.isEmpty()) {
            return;
        }
        KnownPayloads ends = KnownPayloads.only(known);
        var lifted = new Upcasters(upcasters);
        upcasters.forEach(upcaster -> {
            var from = new Upcasters.TypeVersion(upcaster.payloadType(), upcaster.fromVersion());
            Upcasters.TypeVersion to = lifted.newest(from);
            String unknown = known.containsKey(from.type()) ? ends.unknown(to.type(), to.version()) : null;
            String mistake = property + " is " + new TreeMap<>(known) + ", but upcasters lead from payload type '"
                    + from.type() + "' to " + to + ". Next: add " + to.type() + "=" + to.version() + " to " + property;
            if (unknown != null && !mistakes.contains(mistake)) {
                mistakes.add(mistake);
            }
        });
    }

    private void checkProjection(String property, SinkSettings settings, Set<String> checked, List<String> mistakes) {
        String wanted = settings.projection();
        if (wanted == null) {
            return;
        }
        Projection projection = projections.get(wanted);
        if (projection == null) {
            mistakes.add(property + " is '" + wanted + "', expected the name of a Projection bean, there are "
                    + projections.keySet() + ". Next: correct " + property + ", or declare that bean");
        } else if (checked.add(wanted)) {
            projection
                    .check(projection.samples())
                    .forEach(finding -> mistakes.add(property + " is '" + wanted + "', and of that projection "
                            + finding + ". Next: correct the projection or its samples"));
        }
    }
}
