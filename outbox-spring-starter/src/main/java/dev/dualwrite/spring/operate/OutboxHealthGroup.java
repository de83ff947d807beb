package dev.dualwrite.spring.operate;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.health.actuate.endpoint.AdditionalHealthEndpointPath;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HttpCodeStatusMapper;
import org.springframework.boot.health.actuate.endpoint.StatusAggregator;
import org.springframework.boot.health.contributor.Status;

/**
 * The group {@code dualwrite} of the health endpoint, for monitoring: all but UP is 503. Who sees details is decided as for the rest
 * of the endpoint. Immutable.
 *
 * @param member name of the one contributor in it
 * @param primary of the endpoint itself
 */
record OutboxHealthGroup(String member, HealthEndpointGroup primary) implements HealthEndpointGroup {

    private static final int UNAVAILABLE = 503;

    private static final StatusAggregator ORDER = StatusAggregator.of(
            Status.DOWN, Status.OUT_OF_SERVICE, OutboxHealthIndicator.DEGRADED, Status.UNKNOWN, Status.UP);

    /** Who asks here asks whether entries get through: that nobody knows is not a yes. */
    private static final HttpCodeStatusMapper CODES = HttpCodeStatusMapper.of(Map.of(
            Status.DOWN.getCode(), UNAVAILABLE,
            Status.OUT_OF_SERVICE.getCode(), UNAVAILABLE,
            OutboxHealthIndicator.DEGRADED.getCode(), UNAVAILABLE,
            Status.UNKNOWN.getCode(), UNAVAILABLE));

    @Override
    public boolean isMember(String name) {
        return name.equals(member);
    }

    @Override
    public boolean showComponents(SecurityContext security) {
        return primary.showComponents(security);
    }

    @Override
    public boolean showDetails(SecurityContext security) {
        return primary.showDetails(security);
    }

    @Override
    public StatusAggregator getStatusAggregator() {
        return ORDER;
    }

    @Override
    public HttpCodeStatusMapper getHttpCodeStatusMapper() {
        return CODES;
    }

    @Override
    public @Nullable AdditionalHealthEndpointPath getAdditionalPath() {
        return null;
    }
}
