package dev.dualwrite.relay.app;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A relay as a process of its own, configured by YAML alone: {@code spring.datasource.*} is the primary, {@code
 * dualwrite.sinks.*} the secondaries. It runs until it is told to stop (SIGTERM gives its leases back at once).
 */
@SpringBootApplication(proxyBeanMethods = false)
public class RelayApplication {

    /** Starts the pod; a mistake in its configuration ends it with exit code 1 and a report. */
    public static void main(String[] args) {
        var application = new SpringApplication(RelayApplication.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        // A pod without a sink is a mistake, not a pod that has nothing to do. (Not in an application.yml: the same jar
        // is embedded in services.)
        application.setDefaultProperties(Map.of(
                "spring.application.name", "dualwrite-relay",
                "spring.main.banner-mode", "off",
                "dualwrite.relay.enabled", "true"));
        application.run(args);
    }
}
