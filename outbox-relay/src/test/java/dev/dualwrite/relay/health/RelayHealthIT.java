package dev.dualwrite.relay.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.CrashProbe;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.RelayConfig;
import dev.dualwrite.relay.apply.ClaimConfig;
import dev.dualwrite.relay.autoconfigure.RelayAutoConfiguration;
import dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.application.AvailabilityHealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The health of a relay in a service that has Boot's health. */
class RelayHealthIT {

    private final TestDatabase database = TestDatabases.create();
    private final ApplicationContextRunner service = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    TransactionAutoConfiguration.class,
                    JacksonAutoConfiguration.class,
                    DualwriteAutoConfiguration.class,
                    RelayAutoConfiguration.class,
                    RelayHealthAutoConfiguration.class))
            .withBean("copy", Sink.class, () -> entries -> {
                throw new InternalError("the JVM of this relay is damaged");
            })
            .withPropertyValues(
                    "spring.datasource.url=" + database.url(),
                    "spring.datasource.username=" + database.user(),
                    "spring.datasource.password=" + database.password());

    @Test
    void relayThatAnErrorHasStoppedTurnsLivenessDownAndLeavesReadinessUp() {
        withHealth(service)
                .withPropertyValues(
                        "management.endpoint.health.probes.enabled=true",
                        "management.health.livenessstate.enabled=true",
                        "management.health.readinessstate.enabled=true",
                        "management.endpoint.health.group.readiness.include=readinessState",
                        "management.endpoint.health.group.liveness.include=livenessState,dualwriteRelayHealth")
                .run(context -> {
                    // A SpringApplication says so at the end of its start.
                    AvailabilityChangeEvent.publish(context, LivenessState.CORRECT);
                    AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
                    HealthEndpoint health = context.getBean(HealthEndpoint.class);
                    assertThat(status(health, "liveness")).isEqualTo(Status.UP);

                    append(context);

                    await().dontCatchUncaughtExceptions()
                            .until(() -> context.getBean(Relay.class).status().broken());
                    assertThat(status(health, "liveness")).isEqualTo(Status.DOWN);
                    assertThat(status(health, "readiness")).isEqualTo(Status.UP);
                });
    }

    @Test
    void serviceMayTakeItAway() {
        withHealth(service)
                .withPropertyValues("management.health.dualwriterelayhealth.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean("dualwriteRelayHealth"));
    }

    @Test
    void severalRelaysOfTheServicesOwnAreToldEachByItsBeanName() {
        withHealth(service)
                .withBean("orders", Relay.class, this::relay)
                .withBean("bills", Relay.class, this::relay)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    Health health = context.getBean("dualwriteRelayHealth", HealthIndicator.class)
                            .health();
                    assertThat(health.getStatus()).isEqualTo(Status.UP);
                    assertThat(health.getDetails()).containsOnlyKeys("orders", "bills");
                });
    }

    private Relay relay() {
        var claims = new ClaimConfig(100, 1_000_000, Duration.ofMillis(50), 2);
        var config = new RelayConfig(claims, Duration.ofSeconds(6), Duration.ofSeconds(5));
        return new Relay(database.dataSource(), "dualwrite", config, List.of(), CrashProbe.NONE);
    }

    private static ApplicationContextRunner withHealth(ApplicationContextRunner service) {
        return service.withConfiguration(AutoConfigurations.of(
                ApplicationAvailabilityAutoConfiguration.class,
                EndpointAutoConfiguration.class,
                HealthContributorAutoConfiguration.class,
                HealthContributorRegistryAutoConfiguration.class,
                AvailabilityHealthContributorAutoConfiguration.class,
                HealthEndpointAutoConfiguration.class));
    }

    private static Status status(HealthEndpoint health, String group) {
        return health.healthForPath(group).getStatus();
    }

    private static void append(ApplicationContext context) {
        new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
                .executeWithoutResult(status -> context.getBean(Outbox.class)
                        .append(OutboxEntry.upsert(Aggregate.of("order", "1"), "payload")));
    }
}
