package dev.dualwrite.spring.operate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may look and act, and when the outbox counts as degraded, as it was written down. Immutable.
 *
 * @param operator who may look and act, and what they are shown
 * @param health when the outbox counts as degraded
 * @param metrics how often the primary is looked at
 */
@ConfigurationProperties("dualwrite")
public record OperateProperties(
        @DefaultValue Operator operator,
        @DefaultValue Health health,
        @DefaultValue Metrics metrics) {

    /**
     * Who may look and act, and what they are shown.
     *
     * @param role role that requeueing, discarding, pausing and resuming need where there is Spring Security, without the prefix ROLE_
     * @param viewerRole role that looking at the console needs where there is Spring Security, without the prefix ROLE_; who has the
     *     operator's role may look, too
     * @param allowUnsecuredWrites whether anybody who reaches the actuator or the console may act where there is no Spring Security
     * @param allowedHosts names of hosts, apart from localhost and addresses, that requests may ask for where there is no Spring
     *     Security: the console's, and acts of the actuator
     * @param visibleFields fields of payloads that are shown in the clear, by aggregate type: JSON pointers, in which * stands for
     *     each element of an array, or names of fields at the top
     */
    public record Operator(
            @DefaultValue("DUALWRITE_OPERATOR") String role,
            @DefaultValue("DUALWRITE_VIEWER") String viewerRole,
            @DefaultValue("false") boolean allowUnsecuredWrites,
            @DefaultValue List<String> allowedHosts,
            @DefaultValue Map<String, List<String>> visibleFields) {}

    /**
     * When the outbox counts as degraded.
     *
     * @param lagBudget how old the oldest entry that gets on by itself may be before health is degraded
     */
    public record Health(@DefaultValue("5m") Duration lagBudget) {}

    /**
     * How often the primary is looked at.
     *
     * @param interval how long health and gauges wait between two looks at the primary
     */
    public record Metrics(@DefaultValue("15s") Duration interval) {}

    /** What a person must change, each in one sentence with its next step. */
    public List<String> mistakes() {
        var mistakes = new ArrayList<String>();
        checkRole("dualwrite.operator.role", operator.role(), mistakes);
        checkRole("dualwrite.operator.viewer-role", operator.viewerRole(), mistakes);
        operator.visibleFields()
                .forEach(
                        (type, fields) -> fields.stream()
                                .filter(field -> !VisibleField.isValid(field))
                                .forEach(
                                        field -> mistakes.add(
                                                "dualwrite.operator.visible-fields." + type + " has '" + field
                                                        + "', expected a JSON pointer like /lines/*/sku or the name of a field. Next: correct it")));
        checkDuration("dualwrite.health.lag-budget", health.lagBudget(), mistakes);
        checkDuration("dualwrite.metrics.interval", metrics.interval(), mistakes);
        return mistakes;
    }

    private static void checkRole(String property, String role, List<String> mistakes) {
        if (role.isBlank() || role.startsWith("ROLE_")) {
            mistakes.add(property + " is '" + role
                    + "', expected the name of a role without the prefix ROLE_. Next: correct " + property
                    + ", or remove it");
        }
    }

    private static void checkDuration(String property, Duration duration, List<String> mistakes) {
        if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
            mistakes.add(
                    property + " is " + duration.toMillis() + "ms, expected 1s or more. Next: correct " + property);
        }
    }
}
