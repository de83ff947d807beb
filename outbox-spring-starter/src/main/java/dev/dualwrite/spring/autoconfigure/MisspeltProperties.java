package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.spring.jpa.CaptureProperties;
import dev.dualwrite.spring.operate.OperateProperties;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.support.ResourcePropertySource;

/**
 * Finds properties below {@code dualwrite.} that nobody reads, where a person wrote them for this process: in configuration files
 * and on the command line. Variables and system properties are left alone: whole machines share them, with other programs and
 * other versions.
 */
final class MisspeltProperties {

    private static final String ROOT = "dualwrite";

    /** Of the relay, which a service without one may have in the same file. */
    private static final Set<String> OF_OTHERS =
            Set.of("dualwrite.relay", "dualwrite.sinks", "dualwrite.migrations", "dualwrite.retention");

    private MisspeltProperties() {}

    /** One mistake for each such property. */
    static List<Mistake> in(Environment environment, Collection<ConfigurationCheck> others) {
        var names = new PropertyNames();
        names.add(ROOT, DualwriteProperties.class);
        names.add("dualwrite.capture", CaptureProperties.class);
        names.add(ROOT, OperateProperties.class);
        others.forEach(other -> other.properties().forEach(names::add));
        var mistakes = new ArrayList<Mistake>();
        if (environment instanceof ConfigurableEnvironment configurable) {
            for (PropertySource<?> source : configurable.getPropertySources()) {
                if (source instanceof EnumerablePropertySource<?> all && isWrittenForThisProcess(source)) {
                    for (String name : all.getPropertyNames()) {
                        check(name, all, names, others, mistakes);
                    }
                }
            }
        }
        return mistakes;
    }

    private static void check(
            String written,
            EnumerablePropertySource<?> source,
            PropertyNames names,
            Collection<ConfigurationCheck> others,
            List<Mistake> mistakes) {
        ConfigurationPropertyName name = ConfigurationPropertyName.adapt(written, '.');
        if (!ConfigurationPropertyName.of(ROOT).isAncestorOf(name)) {
            return;
        }
        if (others.isEmpty() && (isBelow(OF_OTHERS, name) || isOfAState(name))) {
            return;
        }
        names.unknown(name)
                .filter(unknown -> others.stream().noneMatch(other -> isBelow(other.openPrefixes(), name)))
                .ifPresent(unknown -> mistakes.add(mistake(written, source, unknown)));
    }

    private static Mistake mistake(String written, PropertySource<?> source, PropertyNames.Unknown unknown) {
        Origin origin = source instanceof OriginTrackedMapPropertySource tracked ? tracked.getOrigin(written) : null;
        return new Mistake(
                written + " is no property of Dualwrite (" + (origin == null ? source.getName() : origin) + ")",
                unknown.nearest()
                        .map(right -> "did you mean " + right + "? Correct or remove it")
                        .orElse("remove it; docs/reference/properties.md lists all that there are"));
    }

    private static boolean isBelow(Set<String> prefixes, ConfigurationPropertyName name) {
        return prefixes.stream()
                .map(prefix -> ConfigurationPropertyName.adapt(prefix, '.'))
                .anyMatch(prefix -> prefix.isAncestorOf(name));
    }

    /** Below dualwrite.aggregates.&lt;type&gt;.state, which relays read. */
    private static boolean isOfAState(ConfigurationPropertyName name) {
        return ConfigurationPropertyName.of("dualwrite.aggregates").isAncestorOf(name)
                && name.getNumberOfElements() > 4
                && name.getElement(3, ConfigurationPropertyName.Form.UNIFORM).equals("state");
    }

    private static boolean isWrittenForThisProcess(PropertySource<?> source) {
        return source instanceof OriginTrackedMapPropertySource
                || source instanceof CommandLinePropertySource
                || source instanceof ResourcePropertySource;
    }
}
