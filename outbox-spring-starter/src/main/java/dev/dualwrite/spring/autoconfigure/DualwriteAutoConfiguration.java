package dev.dualwrite.spring.autoconfigure;

import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.jdbc.BufferingOutbox;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import dev.dualwrite.outbox.jdbc.OperatorStore;
import dev.dualwrite.outbox.jdbc.WakeUpChannel;
import dev.dualwrite.outbox.spi.CommitListener;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.EntryContext;
import dev.dualwrite.outbox.spi.PayloadCodec;
import dev.dualwrite.outbox.spi.TransactionBinding;
import dev.dualwrite.spring.operate.OperateProperties;
import dev.dualwrite.spring.transaction.OutboxTransactions;
import dev.dualwrite.spring.transaction.OutboxTransactionsPostProcessor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import org.springframework.util.function.SingletonSupplier;
import tools.jackson.databind.json.JsonMapper;

/**
 * The outbox of a service that has a {@link DataSource}: its settings, its schema, its sinks' numbers, its {@link Outbox}.
 *
 * <p>A bean of the service's own of type {@link Outbox} or {@link PayloadCodec} replaces the one here. The names of all
 * beans begin with {@code dualwrite}, so that they meet none of the service's. What must be right before the service works
 * is not lazy, even if the rest of the context is: a mistake stops the start.
 */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.JndiDataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.XADataSourceAutoConfiguration",
            "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration"
        })
@ConditionalOnClass({DataSource.class, Flyway.class})
@ConditionalOnBean(DataSource.class)
@EnableConfigurationProperties({DualwriteProperties.class, OperateProperties.class})
public final class DualwriteAutoConfiguration {

    // A service may use another pool and have left Hikari out.
    private static final boolean OWN_CONNECTIONS = ClassUtils.isPresent(
            "com.zaxxer.hikari.HikariDataSource", DualwriteAutoConfiguration.class.getClassLoader());

    private static final OwnConnections.Use NOTIFY =
            new OwnConnections.Use("dualwrite-notify", 1, Duration.ofSeconds(10), false);

    /** The DataSource of the outbox; its settings are checked with it, so that all mistakes are reported at once. */
    record CheckedConfiguration(DataSource dataSource, Settings settings) {}

    @Bean
    @Lazy(false)
    CheckedConfiguration dualwriteCheckedConfiguration(
            DualwriteProperties properties,
            OperateProperties operate,
            Environment environment,
            ObjectProvider<DataSource> injected,
            ListableBeanFactory beans,
            ObjectProvider<ConfigurationCheck> others) {
        OutboxDataSource dataSource =
                OutboxDataSource.choose(properties.outbox().dataSource(), injected, beans);
        Set<String> defined = KnownSinks.of(environment, beans);
        List<ConfigurationCheck> checks = others.orderedStream().toList();
        Settings settings = Settings.of(properties, defined, soFar -> {
            var mistakes = new ArrayList<>(dataSource.mistakes());
            operate.mistakes().stream().map(Mistake::parse).forEach(mistakes::add);
            mistakes.addAll(MisspeltProperties.in(environment, checks));
            Set<String> sinks = Settings.sinksOf(properties, defined);
            checks.forEach(check -> check.mistakes(sinks, soFar + mistakes.size()).stream()
                    .map(Mistake::parse)
                    .forEach(mistakes::add));
            return mistakes;
        });
        return new CheckedConfiguration(dataSource.orElseThrow(), settings);
    }

    @Bean
    OutboxPlan dualwritePlan(CheckedConfiguration configuration) {
        Settings settings = configuration.settings();
        return new OutboxPlan(configuration.dataSource(), settings.schema(), settings.sinks());
    }

    @Bean
    @Lazy(false)
    SchemaInitializer dualwriteSchemaInitializer(CheckedConfiguration configuration) {
        return new SchemaInitializer(configuration.dataSource(), configuration.settings());
    }

    @Bean
    @Lazy(false)
    OutboxInstallation dualwriteInstallation(
            SchemaInitializer initializer, ObjectProvider<BeforeRegistration> lastChecks) {
        lastChecks.orderedStream().forEach(BeforeRegistration::check);
        return initializer.registerSinks();
    }

    @Bean
    Routing dualwriteRouting(CheckedConfiguration configuration, OutboxInstallation installation) {
        return configuration.settings().routing(installation.sinkIds());
    }

    @Bean
    EntryWriter dualwriteEntryWriter(
            CheckedConfiguration configuration, OutboxInstallation installation, Routing routing, PayloadCodec codec) {
        return new EntryWriter(
                installation.schema(),
                installation.shardCount(),
                routing,
                codec,
                configuration.settings().maxPayloadBytes());
    }

    /** What people see and do, for the endpoint, health, metrics and the console. */
    @Bean
    OperatorStore dualwriteOperatorStore(OutboxInstallation installation) {
        return new OperatorStore(installation.dataSource(), installation.schema());
    }

    @Bean
    OutboxTransactions dualwriteTransactions(
            CheckedConfiguration configuration,
            ObjectProvider<EntryWriter> writer,
            CommitListeners commitListeners,
            ObjectProvider<CrashProbe> probe,
            ObjectProvider<EntryContext> context) {
        // Transaction managers, and so this bean, are created before what an EntryWriter needs.
        var surroundings = SingletonSupplier.of(
                () -> context.getIfAvailable(() -> new EntryContext(List.of(), (name, problem) -> {})));
        return new OutboxTransactions(
                        configuration.dataSource(),
                        SingletonSupplier.of(writer::getObject),
                        commitListeners,
                        probe.getIfAvailable(() -> CrashProbe.NONE))
                .withContext(entry -> surroundings.obtain().apply(entry));
    }

    @Bean
    static OutboxTransactionsPostProcessor dualwriteTransactionsPostProcessor(
            ObjectProvider<OutboxTransactions> transactions) {
        return new OutboxTransactionsPostProcessor(transactions);
    }

    @Bean
    @ConditionalOnMissingBean(Outbox.class)
    BufferingOutbox dualwriteOutbox(TransactionBinding binding, CheckedConfiguration configuration) {
        // It looks at names alone. Services ask for it before all beans are there, and only then are the sinks
        // registered.
        Map<String, Short> names = new TreeMap<>();
        configuration.settings().sinks().forEach(name -> names.put(name, (short) 0));
        return new BufferingOutbox(binding, configuration.settings().routing(names));
    }

    @Bean
    @Lazy(false)
    CommitListeners dualwriteCommitListeners(ObjectProvider<CommitListener> listeners) {
        return new CommitListeners(listeners);
    }

    /** Wakes relays in other processes; the one in this process is woken without the database. */
    @Bean
    @ConditionalOnBooleanProperty(name = "dualwrite.relay.notify", matchIfMissing = true)
    CommitNotifier dualwriteCommitNotifier(
            OutboxInstallation installation,
            ObjectProvider<JdbcConnectionDetails> details,
            ObjectProvider<NearbyRelay> relays) {
        var nearby = SingletonSupplier.of(() -> relays.stream().toList());
        return new CommitNotifier(
                new WakeUpChannel(installation.schema()),
                () -> OWN_CONNECTIONS
                        ? OwnConnections.like(installation.dataSource(), details.getIfUnique(), NOTIFY)
                        : Optional.empty(),
                () -> nearby.obtain().stream().anyMatch(NearbyRelay::holdsEveryLane),
                CommitNotifier.TIMES);
    }

    /** JSON, where Jackson is on the class path; a service with a codec of its own may leave Jackson out. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(JsonMapper.class)
    @ConditionalOnMissingBean(PayloadCodec.class)
    static class JsonCodecConfiguration {

        /** Writes as the rest of the service does; with no mapper, or several and none primary, as Jackson does. */
        @Bean
        JsonPayloadCodec dualwritePayloadCodec(ObjectProvider<JsonMapper> mapper) {
            return new JsonPayloadCodec(
                    mapper.getIfUnique(() -> JsonMapper.builder().build()));
        }
    }

    /** Where there is an actuator. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({InfoContributor.class, ConditionalOnEnabledInfoContributor.class})
    static class InfoConfiguration {

        @Bean
        @ConditionalOnEnabledInfoContributor("dualwrite")
        InfoContributor dualwriteInfoContributor(OutboxInstallation installation, ObjectProvider<NearbyRelay> relays) {
            return new OutboxInfo(installation, () -> relays.stream().findAny().isPresent());
        }
    }
}
