package dev.dualwrite.spring.jpa;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is captured without annotations, as it was written down. Immutable; nothing is checked here.
 *
 * @param entities what is captured, by name of the entity or, in brackets, of its class
 */
@ConfigurationProperties("dualwrite.capture")
public record CaptureProperties(@DefaultValue Map<String, Entity> entities) {

    public CaptureProperties {
        entities = Map.copyOf(entities);
    }

    /**
     * One entity or mapped superclass.
     *
     * @param aggregate aggregate type of the root that it is
     * @param sinks sinks of its entries; those of its aggregate type if empty
     * @param entry what its changes are written down as: a reference, or a snapshot
     * @param version schema version of its state, 1 to 32,767
     * @param partOf ways to the roots that it is a part of, each names of to-one attributes joined by dots
     */
    public record Entity(
            @Nullable String aggregate,
            @DefaultValue List<String> sinks,
            @Nullable EntryKind entry,
            @Nullable Integer version,
            @DefaultValue List<String> partOf) {

        public Entity {
            sinks = List.copyOf(sinks);
            partOf = List.copyOf(partOf);
        }

        boolean isRoot() {
            return aggregate != null || !sinks.isEmpty() || entry != null || version != null || partOf.isEmpty();
        }
    }
}
