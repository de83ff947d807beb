package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.spring.autoconfigure.ConfigurationCheck;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the mistakes in how long things are kept, for the one report of all. Immutable. */
final class RetentionConfigurationCheck implements ConfigurationCheck {

    private final RetentionProperties retention;

    RetentionConfigurationCheck(RetentionProperties retention) {
        this.retention = retention;
    }

    @Override
    public Map<String, Class<?>> properties() {
        return Map.of("dualwrite.retention", RetentionProperties.class);
    }

    @Override
    public Set<String> openPrefixes() {
        return Set.of();
    }

    @Override
    public List<String> mistakes(Set<String> sinks, int soFar) {
        return retention.mistakes();
    }
}
