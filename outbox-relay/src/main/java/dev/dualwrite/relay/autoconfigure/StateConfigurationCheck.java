package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.spring.autoconfigure.ConfigurationCheck;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the mistakes in where states are loaded from, for the one report of all. Immutable. */
final class StateConfigurationCheck implements ConfigurationCheck {

    private final AggregatesProperties aggregates;

    StateConfigurationCheck(AggregatesProperties aggregates) {
        this.aggregates = aggregates;
    }

    @Override
    public Map<String, Class<?>> properties() {
        return Map.of("dualwrite", AggregatesProperties.class);
    }

    @Override
    public Set<String> openPrefixes() {
        return Set.of();
    }

    @Override
    public List<String> mistakes(Set<String> sinks, int soFar) {
        return StateSettings.mistakes(aggregates);
    }
}
