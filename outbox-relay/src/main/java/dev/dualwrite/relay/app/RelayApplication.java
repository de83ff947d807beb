package dev.dualwrite.relay.app;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A relay as a process of its own, configured by YAML alone: {@code spring.datasource.*} is the primary, {@code
 * dualwrite.sinks.*} the secondaries. It serves probes and metrics on {@code server.port}, and runs until it is told to stop
 * (SIGTERM gives its leases back at once).
 */
@SpringBootApplication(proxyBeanMethods = false)
public class RelayApplication {

    /** Starts the pod; a mistake in its configuration ends it with exit code 1 and a report. */
    public static void main(String[] args) {
        var application = new SpringApplication(RelayApplication.class);
        application.setDefaultProperties(PodDefaults.properties());
        application.run(args);
    }
}
