package dev.dualwrite.relay.app;

import java.util.Map;

/**
 * What holds in the pod unless its configuration says otherwise. Not in an application.yml: the same jar is embedded in services,
 * which have their own.
 */
final class PodDefaults {

    private PodDefaults() {}

    static Map<String, Object> properties() {
        return Map.ofEntries(
                Map.entry("spring.application.name", "dualwrite-relay"),
                Map.entry("spring.main.banner-mode", "off"),
                // A pod without a sink is a mistake, not a pod that has nothing to do.
                Map.entry("dualwrite.relay.enabled", "true"),
                // Scrapes and probes come one after the other; the default of 200 threads is for users.
                Map.entry("server.tomcat.threads.max", "8"),
                Map.entry("server.tomcat.threads.min-spare", "1"),
                Map.entry("management.endpoints.web.exposure.include", "health,info,prometheus,dualwrite"),
                Map.entry("management.endpoint.health.probes.enabled", "true"),
                // A relay that an error has stopped works again in a new process only. No database is asked here: a
                // restart does not bring one back.
                Map.entry("management.endpoint.health.group.liveness.include", "livenessState,dualwriteRelayHealth"),
                Map.entry("management.endpoint.health.group.readiness.include", "readinessState"));
    }
}
