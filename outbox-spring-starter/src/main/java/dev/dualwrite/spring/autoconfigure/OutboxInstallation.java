package dev.dualwrite.spring.autoconfigure;

import java.util.Map;
import javax.sql.DataSource;

/**
 * An outbox that is ready: it exists only after the schema was checked and the sinks were registered. Immutable. For the
 * relay, and for anything else that works on the outbox's tables itself.
 *
 * @param dataSource where the outbox is, the one that the service writes its domain rows through
 * @param schema name of its schema, fit to stand in a statement unquoted
 * @param shardCount as the database says, 1 to 1,024
 * @param sinkIds every sink that this process knows, with its number in the database
 */
public record OutboxInstallation(DataSource dataSource, String schema, int shardCount, Map<String, Short> sinkIds) {

    public OutboxInstallation {
        sinkIds = Map.copyOf(sinkIds);
    }
}
