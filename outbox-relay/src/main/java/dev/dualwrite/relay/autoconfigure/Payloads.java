package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.spi.FailurePlace;
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
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.beans.factory.BeanCurrentlyInCreationException;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;

/**
 * What this process knows of payloads: the beans that decode, lift and project them, and what stands under {@code
 * dualwrite.sinks} of them. Immutable.
 *
 * @param projections by the names of their beans
 * @param circles what kept all of them from being made
 */
record Payloads(
        List<PayloadDecoder> decoders,
        List<Upcaster> upcasters,
        Map<String, Projection> projections,
        Map<String, SinkSettings> sinks,
        List<String> circles) {

    /** These beans; of those that cannot be made, what to do. */
    static Payloads of(ListableBeanFactory beans, Map<String, SinkSettings> sinks) {
        try {
            var projections = new TreeMap<String, Projection>();
            // One by one: all at once leaves out, in silence, what belongs to a bean that is being made.
            for (String name : beans.getBeanNamesForType(Projection.class)) {
                projections.put(name, beans.getBean(name, Projection.class));
            }
            return new Payloads(
                    ordered(beans, PayloadDecoder.class),
                    ordered(beans, Upcaster.class),
                    projections,
                    sinks,
                    List.of());
        } catch (BeanCreationException e) {
            if (!e.contains(BeanCurrentlyInCreationException.class)) {
                throw e;
            }
            String circle =
                    "the beans of type PayloadDecoder, Upcaster and Projection are made before any that uses the"
                            + " primary, but one of them needs bean '" + e.getBeanName()
                            + "', which is being made and waits for"
                            + " Dualwrite. Next: make its @Bean method static, or put it in a configuration class of its own that"
                            + " has nothing injected";
            return new Payloads(List.of(), List.of(), Map.of(), sinks, List.of(circle));
        }
    }

    private static <T> List<T> ordered(BeanFactory beans, Class<T> type) {
        return beans.getBeanProvider(type).orderedStream().toList();
    }

    /** Everything that keeps payloads from a way to these sinks. Projects the samples of the projections that they use. */
    List<String> mistakes(Set<String> used) {
        if (!circles.isEmpty()) {
            return circles;
        }
        var mistakes = new ArrayList<>(Upcasters.mistakes(upcasters));
        boolean chains = mistakes.isEmpty();
        var checked = new TreeSet<String>();
        new TreeMap<>(sinks).forEach((name, settings) -> {
            if (used.contains(name)) {
                String payloadTypes = "dualwrite.sinks." + name + ".payload-types";
                if (chains) {
                    checkKnown(payloadTypes, settings.payloadTypes(), mistakes);
                }
                checkProjection("dualwrite.sinks." + name + ".projection", settings, checked, mistakes);
                Map<String, Integer> takes = takenBy(settings.projection());
                if (chains) {
                    checkKnown("takes() of projection '" + settings.projection() + "'", takes, mistakes);
                }
                checkAllowed(payloadTypes, settings, takes, mistakes);
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
        // A mapping knows the columns that it names, whatever the version: only a projection says what it was written
        // for.
        Map<String, Integer> only = projection == null || !known.isEmpty() ? known : projection.takes();
        return new PayloadChain(
                decoders,
                lifted,
                only.isEmpty() ? KnownPayloads.upTo(lifted.newestVersions()) : KnownPayloads.only(only),
                projection);
    }

    /**
     * A chain that ends beyond what a sink knows would have every entry wait, and then die. One that ends before it, its last step
     * missing, would give the sink old payloads as if they were of the version that it knows.
     */
    private void checkKnown(String where, Map<String, Integer> known, List<String> mistakes) {
        var lifted = new Upcasters(upcasters);
        upcasters.forEach(upcaster -> {
            String from = upcaster.payloadType();
            Upcasters.TypeVersion to = lifted.newest(new Upcasters.TypeVersion(from, upcaster.fromVersion()));
            Integer wanted = known.get(to.type());
            if (wanted == null ? !known.containsKey(from) : wanted == to.version()) {
                return;
            }
            String mistake = where + " is " + new TreeMap<>(known) + ", but upcasters lead from payload type '" + from
                    + "' to " + to + ". Next: "
                    + (wanted == null || wanted < to.version()
                            ? "set " + to.type() + "=" + to.version() + " in " + where
                            : "declare an Upcaster bean from " + to);
            if (!mistakes.contains(mistake)) {
                mistakes.add(mistake);
            }
        });
    }

    /** What the projection of that name takes; nothing if there is none, or it cannot say. */
    private Map<String, Integer> takenBy(@Nullable String name) {
        Projection projection = name == null ? null : projections.get(name);
        try {
            return projection == null ? Map.of() : Map.copyOf(projection.takes());
        } catch (RuntimeException e) {
            return Map.of();
        }
    }

    private static void checkAllowed(
            String property, SinkSettings settings, Map<String, Integer> takes, List<String> mistakes) {
        if (takes.isEmpty()) {
            return;
        }
        settings.payloadTypes().forEach((type, version) -> {
            if (takes.getOrDefault(type, 0) < version) {
                mistakes.add(property + "." + type + " is " + version + ", but projection '" + settings.projection()
                        + "' takes " + new TreeMap<>(takes) + ". Next: remove " + property
                        + ", or raise takes() of the projection once it knows that version");
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
            findings(projection)
                    .forEach(finding -> mistakes.add(property + " is '" + wanted + "', and of that projection "
                            + finding + ". Next: correct the projection or its samples"));
        }
    }

    private static List<String> findings(Projection projection) {
        var findings = new ArrayList<String>();
        try {
            Map<String, Integer> takes = Map.copyOf(projection.takes());
            if (takes.isEmpty()) {
                findings.add("takes() is empty, expected at least one payload type with its newest schema version");
            }
            takes.forEach((type, version) -> {
                if (version < 1 || version > Short.MAX_VALUE) {
                    findings.add("takes() has " + type + "=" + version + ", expected a version from 1 to "
                            + Short.MAX_VALUE);
                }
            });
            findings.addAll(projection.check(projection.samples()));
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            // Nothing here comes from a payload: the whole message helps.
            findings.add("takes(), samples() or check() fails: " + FailurePlace.of(e) + ": " + e.getMessage());
        }
        return findings;
    }
}
