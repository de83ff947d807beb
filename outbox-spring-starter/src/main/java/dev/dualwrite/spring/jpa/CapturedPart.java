package dev.dualwrite.spring.jpa;

import java.util.List;
import org.hibernate.persister.entity.EntityPersister;

/**
 * An entity that is a part of an aggregate. Immutable.
 *
 * @param persister of the part
 * @param path names of to-one attributes that lead to the root, at least one
 * @param root where they lead
 */
public record CapturedPart(EntityPersister persister, List<String> path, CapturedRoot root) {

    public CapturedPart {
        path = List.copyOf(path);
    }
}
