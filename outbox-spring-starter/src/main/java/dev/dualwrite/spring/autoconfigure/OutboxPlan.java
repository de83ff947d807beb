package dev.dualwrite.spring.autoconfigure;

import java.util.Set;
import javax.sql.DataSource;

/**
 * An outbox as the properties describe it, all checked, whether or not it is installed yet. Immutable. {@link OutboxInstallation}
 * is the same once it is ready.
 *
 * @param dataSource where the outbox is
 * @param schema name of its schema
 * @param sinks every sink that this process knows
 */
public record OutboxPlan(DataSource dataSource, String schema, Set<String> sinks) {

    public OutboxPlan {
        sinks = Set.copyOf(sinks);
    }
}
