package dev.dualwrite.relay.health;

import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.RelayStatus;
import dev.dualwrite.relay.autoconfigure.FurtherPrimaries;
import dev.dualwrite.relay.autoconfigure.RelayAutoConfiguration;
import java.util.HashMap;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * The health of the relays in this process, where Boot's health is on the class path; the pod has it in its liveness. A bean named
 * {@code dualwriteRelayHealth} of the user's own replaces it, and {@code management.health.dualwriterelayhealth.enabled=false} takes it
 * away.
 */
@AutoConfiguration(after = RelayAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(Relay.class)
@ConditionalOnEnabledHealthIndicator("dualwriterelayhealth")
public final class RelayHealthAutoConfiguration {

    /** What a relay is called that is the only bean of its class, beside the names of the relays of further primaries. */
    private static final String FIRST = "first";

    @Bean
    @ConditionalOnMissingBean(name = "dualwriteRelayHealth")
    HealthIndicator dualwriteRelayHealth(Map<String, Relay> beans, ObjectProvider<FurtherPrimaries> further) {
        return new RelayHealth(() -> {
            Map<String, RelayStatus> statuses = new HashMap<>();
            further.ifAvailable(
                    primaries -> primaries.relays().forEach((name, one) -> statuses.put(name, one.status())));
            // Several are the user's own, so there are no further primaries whose names could be theirs.
            beans.forEach((name, relay) -> statuses.put(beans.size() == 1 ? FIRST : name, relay.status()));
            return statuses;
        });
    }
}
