package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.OutboxConfigurationException;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.spi.CommitListener;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.RelayStatus;
import dev.dualwrite.relay.sink.SinkFactory;
import dev.dualwrite.relay.sink.SinkSettings;
import dev.dualwrite.relay.sink.jdbc.JdbcSinkFactory;
import dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration;
import dev.dualwrite.spring.autoconfigure.NearbyRelay;
import dev.dualwrite.spring.autoconfigure.OutboxInstallation;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;

/**
 * A relay inside this process: where there is an outbox and a sink, unless {@code dualwrite.relay.enabled} is false. A {@link
 * Relay} bean of the user's own replaces it; {@link Sink} and {@link SinkFactory} beans add to it.
 */
@AutoConfiguration(after = DualwriteAutoConfiguration.class)
@ConditionalOnBean(OutboxInstallation.class)
@ConditionalOnBooleanProperty(name = "dualwrite.relay.enabled", matchIfMissing = true)
@ConditionalOnMissingBean(Relay.class)
@Conditional(OnRelay.class)
@EnableConfigurationProperties({RelayProperties.class, SinksProperties.class})
public final class RelayAutoConfiguration {

    @Bean
    PrimaryDatabases dualwritePrimaryDatabases(
            RelayProperties properties,
            SinksProperties sinks,
            OutboxInstallation installation,
            ListableBeanFactory beans) {
        Set<String> defined = new TreeSet<>(sinks.sinks().keySet());
        defined.addAll(List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, Sink.class, true, false)));
        return new PrimaryDatabases(properties, defined, installation.sinkIds().keySet());
    }

    @Bean
    RelaySettings dualwriteRelaySettings(
            RelayProperties properties, SinksProperties sinks, PrimaryDatabases furtherPrimaries) {
        return RelaySettings.of(properties, sinks, furtherPrimaries.mistakes());
    }

    /** Sinks of type jdbc, wherever the driver of the primary is. */
    @Bean
    JdbcSinkFactory dualwriteJdbcSinkFactory(RelayProperties properties, ObjectProvider<CrashProbe> probe) {
        return new JdbcSinkFactory(
                properties.sinkTimeout(), properties.threads(), probe.getIfUnique(() -> CrashProbe.NONE));
    }

    @Bean
    SinkRegistry dualwriteSinkRegistry(
            RelaySettings settings,
            SinksProperties properties,
            RelayProperties relay,
            OutboxInstallation installation,
            ListableBeanFactory beans,
            ObjectProvider<SinkFactory> factories) {
        Set<String> names = new TreeSet<>(installation.sinkIds().keySet());
        relay.primaries().values().forEach(primary -> names.addAll(primary.sinks()));
        Map<String, Sink> sinkBeans = new TreeMap<>();
        for (String name : names) {
            if (beans.containsBean(name) && beans.isTypeMatch(name, Sink.class)) {
                sinkBeans.put(name, beans.getBean(name, Sink.class));
            }
        }
        // A variable like DUALWRITE_SINKS_ORDERSCOPY_PASSWORD is bound twice, also as a sink of its own that nobody
        // knows.
        Map<String, SinkSettings> sinks = new TreeMap<>(properties.sinks());
        sinks.keySet().retainAll(names);
        if (sinkBeans.isEmpty() && sinks.isEmpty()) {
            throw new OutboxConfigurationException(List.of(
                    "dualwrite.relay.enabled is true, but no sink is configured: set dualwrite.sinks.<name>.type and so on,"
                            + " or declare a Sink bean"));
        }
        return new SinkRegistry(sinkBeans, sinks, factories.orderedStream().toList());
    }

    @Bean
    RelayFactory dualwriteRelayFactory(
            RelaySettings settings,
            SinksProperties properties,
            SinkRegistry registry,
            Environment environment,
            ObjectProvider<CrashProbe> probe) {
        // Told by the starter, which sends it; the same property, so that both ends agree.
        boolean listens = environment.getProperty("dualwrite.relay.notify", Boolean.class, true);
        return new RelayFactory(
                settings, properties.sinks(), registry.sinks(), probe.getIfUnique(() -> CrashProbe.NONE), listens);
    }

    @Bean
    RelayDataSource dualwriteRelayDataSource(
            RelayProperties properties,
            OutboxInstallation installation,
            RelayFactory factory,
            ObjectProvider<JdbcConnectionDetails> details) {
        int connections = RelayDataSource.connections(
                factory.configured(installation.sinkIds()).size(), properties.threads());
        return RelayDataSource.of(properties, installation.dataSource(), details.getIfUnique(), connections);
    }

    @Bean
    Relay dualwriteRelay(
            RelayFactory factory, OutboxInstallation installation, RelayDataSource primary, RelayProperties relay) {
        new ControlStore(primary.dataSource(), installation.schema()).storeStuckAfter(relay.stuckAfter());
        return factory.relay(primary.dataSource(), installation.schema(), installation.sinkIds());
    }

    @Bean
    RelayLifecycle dualwriteRelayLifecycle(
            RelayFactory factory, Relay relay, OutboxInstallation installation, RelayDataSource primary) {
        return new RelayLifecycle(
                primary.areOwn()
                        ? factory.listening("first", relay, primary.dataSource(), installation.schema())
                        : new ListeningRelay(relay, null));
    }

    /** What this process commits is relayed at once, at no cost for the database. */
    @Bean
    CommitListener dualwriteRelayWakeUp(Relay relay) {
        return entries -> relay.wake();
    }

    /** And where no relay elsewhere has anything to do with it, there is no NOTIFY. */
    @Bean
    NearbyRelay dualwriteNearbyRelay(Relay relay, OutboxInstallation installation) {
        int lanes = installation.sinkIds().size() * installation.shardCount();
        return () -> {
            RelayStatus status = relay.status();
            return status.lanesHeld() == lanes && !status.broken();
        };
    }

    @Bean
    FurtherPrimaries dualwriteFurtherPrimaries(
            RelayFactory factory, PrimaryDatabases databases, RelayProperties properties) {
        return new FurtherPrimaries(databases.all().stream()
                .map(database -> new FurtherPrimary(
                        database, properties.stuckAfter(), sinkIds -> factory.listening(database, sinkIds)))
                .toList());
    }

    @Bean
    FurtherPrimariesLifecycle dualwriteFurtherPrimariesLifecycle(FurtherPrimaries primaries) {
        return new FurtherPrimariesLifecycle(primaries);
    }
}
