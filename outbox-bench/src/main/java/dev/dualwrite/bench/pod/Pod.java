package dev.dualwrite.bench.pod;

import dev.dualwrite.bench.relay.Relays;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.spi.CommitListener;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.Relay;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A context with the starter, all settings at their defaults: a service with a relay of its own, a service whose entries others
 * relay, or a relay without a service. Thread-safe. What is measured with it goes the way that it goes for users.
 */
public final class Pod implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** One for each of the writers of a benchmark. */
    private static final int CONNECTIONS = 8;

    /** The shards of an outbox for which nobody chose another number. */
    private static final int LANES = 16;

    private final ConfigurableApplicationContext context;

    private Pod(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** Relays to the sink, and is told of its own commits; blocks until it holds every lane. */
    public static Pod relaying(Place primary, Sink sink, CommitListener listener) {
        Pod pod = start(primary, Map.of(), Map.of(Relays.SINK, sink, "listener", listener));
        pod.awaitLanes();
        return pod;
    }

    /** A service that relays nothing. */
    public static Pod service(Place primary, CommitListener listener) {
        return start(
                primary,
                Map.of("dualwrite.relay.enabled", "false", "dualwrite.outbox.sinks", Relays.SINK),
                Map.of("listener", listener));
    }

    public Outbox outbox() {
        return context.getBean(Outbox.class);
    }

    public JdbcClient sql() {
        return context.getBean(JdbcClient.class);
    }

    public TransactionTemplate transactions() {
        return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
    }

    private void awaitLanes() {
        Relay relay = context.getBean(Relay.class);
        long begin = System.nanoTime();
        while (relay.status().lanesHeld() < LANES) {
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new IllegalStateException(
                        "the relay holds " + relay.status().lanesHeld() + " of " + LANES + " lanes after " + PATIENCE);
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
    }

    private static Pod start(Place primary, Map<String, Object> settings, Map<String, Object> beans) {
        return new Pod(new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .registerShutdownHook(false)
                .properties(settings)
                .properties(Map.of(
                        "spring.datasource.url", primary.url(),
                        "spring.datasource.username", primary.user(),
                        "spring.datasource.password", primary.password(),
                        "spring.datasource.hikari.maximum-pool-size", CONNECTIONS))
                .initializers(created -> beans.forEach((name, bean) -> register(created, name, bean)))
                .run());
    }

    /** As a definition, since what is registered as a mere object comes too late for conditions on beans. */
    private static <T> void register(ConfigurableApplicationContext created, String name, T bean) {
        @SuppressWarnings("unchecked")
        Class<T> type = (Class<T>) bean.getClass();
        ((BeanDefinitionRegistry) created).registerBeanDefinition(name, new RootBeanDefinition(type, () -> bean));
    }

    /** Everything that the starter brings, and nothing else. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    @Override
    public void close() {
        context.close();
    }
}
