package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.spi.Sink;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Finds the names of sinks that the configuration and the beans of a context define for its own outbox; creates no bean.
 */
final class KnownSinks {

    private static final String PREFIX = "dualwrite.sinks";
    private static final String FURTHER_PRIMARIES = "dualwrite.relay.primaries";

    private KnownSinks() {}

    /** The names, sorted. What else they need (a type, a table) is for the relay to check. */
    static Set<String> of(Environment environment, ListableBeanFactory beans) {
        var names = new TreeSet<String>();
        names.addAll(configured(environment));
        names.addAll(beansOfTypeSink(beans));
        names.removeAll(ofFurtherPrimaries(environment));
        return names;
    }

    /** A relay pod's sinks for entries of other databases than its own. */
    private static Set<String> ofFurtherPrimaries(Environment environment) {
        var primaries = Binder.get(environment)
                .bind(FURTHER_PRIMARIES, Bindable.mapOf(String.class, FurtherPrimary.class))
                .orElse(Map.of());
        return primaries.values().stream()
                .flatMap(primary -> primary.sinks().stream())
                .collect(Collectors.toSet());
    }

    /** Of {@code dualwrite.relay.primaries.<name>} what concerns the outbox here. */
    record FurtherPrimary(@DefaultValue List<String> sinks) {}

    private static Set<String> configured(Environment environment) {
        Set<String> names = new TreeSet<>(
                bind(new Binder(exceptEnvironmentVariables(environment))).keySet());
        Set<String> written = names.stream().map(KnownSinks::asVariable).collect(Collectors.toSet());
        // DUALWRITE_SINKS_ORDERSCOPY_PASSWORD sets the password of the sink orders-copy, but looks like a sink of its
        // own,
        // since a variable has no hyphens. A sink that is configured by variables alone names its type there.
        bind(Binder.get(environment)).forEach((name, content) -> {
            if (!written.contains(asVariable(name)) && content instanceof Map<?, ?> map && map.containsKey("type")) {
                names.add(name);
            }
        });
        return names;
    }

    private static String asVariable(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    }

    private static Map<String, Object> bind(Binder binder) {
        return binder.bind(PREFIX, Bindable.mapOf(String.class, Object.class)).orElse(Map.of());
    }

    private static List<ConfigurationPropertySource> exceptEnvironmentVariables(Environment environment) {
        return StreamSupport.stream(
                        ConfigurationPropertySources.get(environment).spliterator(), false)
                .filter(source -> !(source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource))
                .toList();
    }

    private static List<String> beansOfTypeSink(ListableBeanFactory beans) {
        Stream<String> names =
                Arrays.stream(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, Sink.class, true, false));
        return names.filter(name -> !ScopedProxyUtils.isScopedTarget(name)).toList();
    }
}
