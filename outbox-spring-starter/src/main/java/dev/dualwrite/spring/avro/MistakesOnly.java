package dev.dualwrite.spring.avro;

import dev.dualwrite.spring.autoconfigure.ConfigurationCheck;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Mistakes for the one report; the properties are known to the starter. Immutable. */
record MistakesOnly(List<String> found) implements ConfigurationCheck {

    MistakesOnly {
        found = List.copyOf(found);
    }

    @Override
    public Map<String, Class<?>> properties() {
        return Map.of();
    }

    @Override
    public Set<String> openPrefixes() {
        return Set.of();
    }

    @Override
    public List<String> mistakes(Set<String> sinks, int soFar) {
        return found;
    }
}
