package dev.dualwrite.spring.jpa;

import dev.dualwrite.outbox.Aggregate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.hibernate.persister.entity.EntityPersister;

/**
 * The identifiers of an entity and the ids of their aggregates, both ways. Immutable; no I/O.
 *
 * <p>Each basic value is one part of the id, with the text that Hibernate's own type gives it: a UUID, a number, a date in ISO
 * form, the name of an enum. A value behind a converter has the text of what is stored. Of a composite identifier ({@code
 * @EmbeddedId}, {@code @IdClass}, also records) the parts stand in the alphabetical order of their columns' names, which a renamed
 * attribute leaves alone; those of an embeddable inside it stand together, at the place of the first of them.
 *
 * <p>An identifier must have the same text before it is stored and after: a {@code BigDecimal} is written without trailing
 * zeros for this reason. A timestamp finer than a microsecond, or a text in a {@code char(n)} column, would be another aggregate
 * once it was loaded.
 */
public final class EntityIds {

    private final String entity;
    private final IdShape shape;

    private EntityIds(String entity, IdShape shape) {
        this.entity = entity;
        this.shape = shape;
    }

    /**
     * The ids of an entity and of all below it.
     *
     * @throws IllegalArgumentException if the identifier, or a part of it, has no text form
     */
    static EntityIds of(EntityPersister persister) {
        return new EntityIds(persister.getEntityName(), IdShapes.of(persister));
    }

    /** The names of the parts, in their order; those inside of embeddables with dots. */
    public List<String> names() {
        var names = new ArrayList<String>();
        shape.names("", names);
        return names;
    }

    /**
     * The parts of an identifier, in their order.
     *
     * @throws IllegalStateException if one of them is null
     */
    public List<String> parts(Object identifier) {
        var parts = new ArrayList<String>();
        shape.write(identifier, parts);
        return parts;
    }

    /** The aggregate of an identifier. */
    public Aggregate aggregate(String type, Object identifier) {
        List<String> parts = parts(identifier);
        return Aggregate.of(type, parts.get(0), parts.subList(1, parts.size()).toArray());
    }

    /**
     * The identifier that an aggregate was made from.
     *
     * @throws IllegalArgumentException if the parts are not those of an identifier of this entity
     */
    public Object identifier(List<String> parts) {
        List<String> names = names();
        if (parts.size() != names.size()) {
            throw new IllegalArgumentException(
                    "an id of entity " + entity + " has " + parts.size() + " parts, expected " + names.size() + " ("
                            + String.join(", ", names) + "). Was the identifier changed?");
        }
        Iterator<String> rest = parts.iterator();
        return shape.read(rest);
    }
}
