package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.spi.CommitListener;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.outbox.spi.StateLoader;
import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.RelayStatus;
import dev.dualwrite.relay.observe.SinkObservers;
import dev.dualwrite.relay.sink.SinkFactory;
import dev.dualwrite.relay.sink.jdbc.JdbcSinkFactory;
import dev.dualwrite.spring.autoconfigure.BeforeRegistration;
import dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration;
import dev.dualwrite.spring.autoconfigure.NearbyRelay;
import dev.dualwrite.spring.autoconfigure.OutboxInstallation;
import dev.dualwrite.spring.autoconfigure.OutboxPlan;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanCurrentlyInCreationException;
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
@EnableConfigurationProperties({
    RelayProperties.class,
    SinksProperties.class,
    AggregatesProperties.class,
    RetentionProperties.class
})
public final class RelayAutoConfiguration {

    @Bean
    RelayConfigurationCheck dualwriteRelayConfigurationCheck(
            RelayProperties properties, SinksProperties sinks, JdbcSinkFactory factory, ListableBeanFactory beans) {
        return new RelayConfigurationCheck(properties, sinks, factory, beans);
    }

    @Bean
    StateConfigurationCheck dualwriteStateConfigurationCheck(AggregatesProperties aggregates) {
        return new StateConfigurationCheck(aggregates);
    }

    @Bean
    RetentionConfigurationCheck dualwriteRetentionConfigurationCheck(RetentionProperties retention) {
        return new RetentionConfigurationCheck(retention);
    }

    @Bean
    StateSettings dualwriteStateSettings(
            AggregatesProperties aggregates,
            ObjectProvider<StateLoader> loaders,
            Environment environment,
            OutboxPlan plan) {
        return StateSettings.of(loaders.orderedStream().toList(), aggregates, environment);
    }

    // The plan exists once all properties were found to be right.
    @Bean
    RelaySettings dualwriteRelaySettings(RelayProperties properties, SinksProperties sinks, OutboxPlan plan) {
        return RelaySettings.of(properties, sinks);
    }

    /** Sinks of type jdbc, wherever the driver of the primary is. */
    @Bean
    JdbcSinkFactory dualwriteJdbcSinkFactory(RelayProperties properties, ObjectProvider<CrashProbe> probe) {
        return new JdbcSinkFactory(
                properties.sinkTimeout(), properties.threads(), probe.getIfUnique(() -> CrashProbe.NONE));
    }

    @Bean
    SinkRegistry dualwriteSinkRegistry(
            OutboxPlan plan, RelayConfigurationCheck checked, ObjectProvider<SinkFactory> factories) {
        return SinkRegistry.of(
                checked.beans(plan.sinks()),
                checked.toMake(plan.sinks()),
                checked.configured(),
                factories.orderedStream().toList());
    }

    /** The sinks get their numbers after the last look at everything. */
    @Bean
    BeforeRegistration dualwriteRelayBeforeRegistration(
            ObjectProvider<SinkRegistry> registry, ObjectProvider<RelayDataSource> connections) {
        return () -> {
            try {
                registry.getObject();
                connections.getObject();
            } catch (BeansException e) {
                // A sink bean that appends itself needs the numbers first: then the look comes after.
                if (!e.contains(BeanCurrentlyInCreationException.class)) {
                    throw e;
                }
            }
        };
    }

    @Bean
    RelayFactory dualwriteRelayFactory(
            RelaySettings settings,
            SinksProperties properties,
            SinkRegistry registry,
            RelayConfigurationCheck checked,
            Environment environment,
            ObjectProvider<CrashProbe> probe,
            StateSettings states,
            ObjectProvider<SinkObservers> observers,
            RetentionProperties retention) {
        // Told by the starter, which sends it; the same property, so that both ends agree.
        boolean listens = environment.getProperty("dualwrite.relay.notify", Boolean.class, true);
        return new RelayFactory(
                settings,
                properties.sinks(),
                registry.sinks(),
                probe.getIfUnique(() -> CrashProbe.NONE),
                checked.payloads(),
                listens,
                states,
                observers.getIfUnique(() -> SinkObservers.NONE),
                retention.retention());
    }

    @Bean
    RelayDataSource dualwriteRelayDataSource(
            RelayProperties properties,
            OutboxPlan plan,
            SinkRegistry registry,
            ObjectProvider<JdbcConnectionDetails> details) {
        long carried =
                plan.sinks().stream().filter(registry.sinks()::containsKey).count();
        int connections = RelayDataSource.connections((int) carried, properties.threads());
        return RelayDataSource.of(properties, plan.dataSource(), details.getIfUnique(), connections);
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
            RelayFactory factory, RelayConfigurationCheck checked, RelayProperties properties) {
        return new FurtherPrimaries(checked.primaries().all().stream()
                .map(database -> new FurtherPrimary(
                        database, properties.stuckAfter(), sinkIds -> factory.listening(database, sinkIds)))
                .toList());
    }

    @Bean
    FurtherPrimariesLifecycle dualwriteFurtherPrimariesLifecycle(FurtherPrimaries primaries) {
        return new FurtherPrimariesLifecycle(primaries);
    }
}
