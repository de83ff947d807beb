package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.sink.SinkFactory;
import dev.dualwrite.relay.sink.SinkSettings;
import dev.dualwrite.relay.sink.jdbc.JdbcSinkFactory;
import dev.dualwrite.spring.autoconfigure.ConfigurationCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;

/**
 * Finds the mistakes in the properties of the relay, of the sinks and of further primaries, for the one report of all. It keeps
 * what it opened for that: {@link #primaries()} and {@link #configured()}. Confined to the thread that starts the context.
 *
 * <p>Secondaries are looked at here only if the start fails anyway. If all properties are right, that is left to {@link
 * SinkRegistry}, when every bean is there: one of them may be what creates the tables.
 */
final class RelayConfigurationCheck implements ConfigurationCheck, AutoCloseable {

    private final RelayProperties relay;
    private final SinksProperties sinks;
    private final JdbcSinkFactory factory;
    private final ListableBeanFactory beans;
    private final ConfiguredSinks configured = new ConfiguredSinks();
    private @Nullable PrimaryDatabases primaries;
    private @Nullable Payloads payloads;

    RelayConfigurationCheck(
            RelayProperties relay, SinksProperties sinks, JdbcSinkFactory factory, ListableBeanFactory beans) {
        this.relay = relay;
        this.sinks = sinks;
        this.factory = factory;
        this.beans = beans;
    }

    @Override
    public Map<String, Class<?>> properties() {
        return Map.of("dualwrite.relay", RelayProperties.class, "dualwrite", SinksProperties.class);
    }

    /** What a sink bean or a factory of the user's reads is not for us to say. */
    @Override
    public Set<String> openPrefixes() {
        // Beans by their own names: the binder leaves out a sink of whose settings it knows none.
        Set<String> names = new TreeSet<>(
                List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, Sink.class, true, false)));
        sinks.sinks().forEach((name, settings) -> {
            if (isBean(name) || (!factory.type().equals(settings.type()) && hasOtherFactories())) {
                names.add(name);
            }
        });
        // A name with a dot is one element in brackets only.
        return names.stream()
                .flatMap(name -> Stream.of("dualwrite.sinks." + name, "dualwrite.sinks[" + name + "]"))
                .collect(Collectors.toSet());
    }

    @Override
    public List<String> mistakes(Set<String> ofTheFirst, int soFar) {
        var mistakes = new ArrayList<>(RelaySettings.mistakes(relay, sinks));
        Set<String> defined = new TreeSet<>(sinks.sinks().keySet());
        defined.addAll(List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, Sink.class, true, false)));
        var looked = new PrimaryDatabases(relay, defined, ofTheFirst);
        primaries = looked;
        mistakes.addAll(looked.mistakes());
        Set<String> used = used(ofTheFirst);
        used.stream().filter(this::isBean).forEach(name -> {
            SinkSettings written = sinks.sinks().get(name);
            if (written != null && written.type() != null) {
                mistakes.add("dualwrite.sinks." + name + ".type is " + written.type()
                        + ", but there is also a Sink bean named '" + name + "'. Next: remove one of the two");
            }
        });
        mistakes.addAll(payloads().mistakes(used));
        Map<String, SinkSettings> toMake = toMake(ofTheFirst);
        if (toMake.isEmpty() && used.stream().noneMatch(this::isBean)) {
            mistakes.add("dualwrite.relay.enabled is true, but no sink is configured. Next: set"
                    + " dualwrite.sinks.<name>.type and so on, or declare a Sink bean");
        }
        // A factory of the user's may need beans that use the primary; then this is done when they are there.
        if (!hasOtherFactories()) {
            toMake.forEach((name, settings) -> mistakes.addAll(configured.make(name, settings, List.of(factory))));
        }
        if (soFar + mistakes.size() > 0) {
            mistakes.addAll(ConfiguredSinks.look(configured.made()));
        }
        return mistakes;
    }

    /** What stands under {@code dualwrite.sinks} for sinks that are used here and are no beans. */
    Map<String, SinkSettings> toMake(Set<String> ofTheFirst) {
        // A variable like DUALWRITE_SINKS_ORDERSCOPY_PASSWORD is bound twice, also as a sink of its own that nobody
        // knows.
        Map<String, SinkSettings> toMake = new TreeMap<>(sinks.sinks());
        toMake.keySet().retainAll(used(ofTheFirst));
        toMake.keySet().removeIf(this::isBean);
        return toMake;
    }

    /** The beans among the sinks that are used here. */
    Map<String, Sink> beans(Set<String> ofTheFirst) {
        Map<String, Sink> found = new TreeMap<>();
        used(ofTheFirst).stream()
                .filter(this::isBean)
                .forEach(name -> found.put(name, beans.getBean(name, Sink.class)));
        return found;
    }

    /** What the payloads go through before a sink gets them. */
    Payloads payloads() {
        Payloads known = payloads;
        if (known == null) {
            known = Payloads.of(beans, sinks.sinks());
            payloads = known;
        }
        return known;
    }

    ConfiguredSinks configured() {
        return configured;
    }

    /** The further primaries, once the mistakes were asked for. */
    PrimaryDatabases primaries() {
        PrimaryDatabases looked = primaries;
        if (looked == null) {
            throw new IllegalStateException("the configuration is not checked yet");
        }
        return looked;
    }

    @Override
    public void close() {
        configured.close();
        if (primaries != null) {
            primaries.close();
        }
    }

    private Set<String> used(Set<String> ofTheFirst) {
        Set<String> used = new TreeSet<>(ofTheFirst);
        relay.primaries().values().forEach(primary -> used.addAll(primary.sinks()));
        return used;
    }

    private boolean isBean(String name) {
        return beans.containsBean(name) && beans.isTypeMatch(name, Sink.class);
    }

    private boolean hasOtherFactories() {
        return BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, SinkFactory.class, true, false).length > 1;
    }
}
