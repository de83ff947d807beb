package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.Aggregate;
import java.util.Set;
import org.hibernate.persister.entity.EntityPersister;

/**
 * An aggregate whose root is an entity. Immutable.
 *
 * @param persister of the topmost entity of the aggregate type; all others are below it
 * @param aggregateType unique among the roots of a session factory
 * @param sinks of its entries; empty if the configuration of the aggregate type decides
 * @param kind what its changes are written down as
 * @param version schema version of its state
 * @param ids from its identifier to the id of its aggregate, and back
 */
public record CapturedRoot(
        EntityPersister persister,
        String aggregateType,
        Set<String> sinks,
        EntryKind kind,
        int version,
        EntityIds ids) {

    public CapturedRoot {
        sinks = Set.copyOf(sinks);
    }

    /** The name of its entity, as Hibernate calls it: most often that of its class. */
    public String entityName() {
        return persister.getEntityName();
    }

    /** The aggregate of a row of it. */
    public Aggregate aggregate(Object identifier) {
        return ids.aggregate(aggregateType, identifier);
    }
}
