package dev.dualwrite.bench.producer;

import dev.dualwrite.outbox.Outbox;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A Boot service on plain JDBC, as its users put it together: Boot's pool, template and transaction manager, and the starter
 * or not. Its relay is off: what is measured is the producer alone. Thread-safe.
 */
final class Service implements AutoCloseable {

    private static final String OUTBOX = "dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration,"
            + "dev.dualwrite.relay.autoconfigure.RelayAutoConfiguration";

    private final ConfigurableApplicationContext context;

    private Service(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** Where its database is, and with how many connections. */
    record Place(String url, String user, int connections) {}

    /** One that has never heard of an outbox. */
    static Service without(Place place) {
        return start(place, Map.of("spring.autoconfigure.exclude", OUTBOX));
    }

    /** One with an outbox, which is installed if it is not there; everything else is as by default. */
    static Service withOutbox(Place place, Map<String, String> settings) {
        return start(place, settings);
    }

    private static Service start(Place place, Map<String, String> settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.datasource.url=" + place.url(),
                "--spring.datasource.username=" + place.user(),
                "--spring.datasource.hikari.maximum-pool-size=" + place.connections(),
                "--spring.datasource.hikari.auto-commit=false",
                "--dualwrite.relay.enabled=false",
                "--dualwrite.outbox.sinks=copy"));
        settings.forEach((name, value) -> arguments.add("--" + name + "=" + value));
        return new Service(new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .registerShutdownHook(false)
                .run(arguments.toArray(String[]::new)));
    }

    JdbcTemplate jdbc() {
        return context.getBean(JdbcTemplate.class);
    }

    TransactionTemplate transactions() {
        return context.getBean(TransactionTemplate.class);
    }

    Outbox outbox() {
        return context.getBean(Outbox.class);
    }

    @Override
    public void close() {
        context.close();
    }

    /** Nothing but what the class path brings. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
