package dev.dualwrite.bench.startup;

import java.util.List;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * The main class of a Boot service on plain JDBC, which says when it has started. It names no class of the outbox: it starts
 * with a class path that has none.
 */
public final class ServiceProcess {

    static final String STARTED = "started";

    /** With these arguments it migrates a table of its own and is started only once it has written and read an order. */
    static final List<String> WITH_ORDERS = List.of(
            "--bench.orders=true",
            "--spring.flyway.enabled=true",
            "--spring.flyway.locations=classpath:dev/dualwrite/bench/startup");

    private ServiceProcess() {}

    /** Starts with properties as arguments, says so, and stops. */
    public static void main(String[] args) {
        ConfigurableApplicationContext context = start(args);
        System.out.println(STARTED);
        System.out.flush();
        System.exit(SpringApplication.exit(context));
    }

    static ConfigurableApplicationContext start(String... arguments) {
        ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .registerShutdownHook(false)
                .run(arguments);
        if (context.getEnvironment().containsProperty("bench.orders")) {
            OrderBook.open(context);
        }
        return context;
    }

    /** Nothing but what the class path brings. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
