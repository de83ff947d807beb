package dev.dualwrite.outbox.spi;

import dev.dualwrite.outbox.Aggregate;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Loads what reference entries only refer to: the current state of aggregates. A bean of this type serves the aggregate types
 * that it names. Implementations are thread-safe.
 *
 * <p>Called by relay threads, after the entries were claimed and a version was drawn for each, outside of any transaction. It must
 * read the primary itself, past every cache and never a replica: a state that is older than the entry would be written for
 * good. Changes that commit while it reads do no harm, whether it sees them or not: their own entries come later.
 */
public interface StateLoader {

    /** The aggregate types that it loads; the answer must not change. */
    Set<String> aggregateTypes();

    /**
     * The newest schema version of references whose state it can load; the answer must not change. A reference with a higher one
     * was written by a newer release, whose rows may hold what this loader does not know: it is left to a newer relay, as an
     * unknown payload version is.
     *
     * @param aggregateType one that it loads
     */
    default int newestVersion(String aggregateType) {
        return Integer.MAX_VALUE;
    }

    /**
     * The states of a batch, best read by one query.
     *
     * @param aggregates at least one, each once, of the types that it loads
     * @return a state for each aggregate that exists; one that is left out is gone, and is deleted at the secondary
     * @throws Exception if they cannot be read: a database that is not reachable makes the sink pause, anything else is narrowed
     *     down to the aggregate at fault. Never leave an aggregate out because it could not be read
     */
    Map<Aggregate, State> load(List<Aggregate> aggregates) throws Exception;

    /**
     * The state of an aggregate, as a snapshot entry would carry it.
     *
     * @param payload what the codec wrote; not copied
     * @param payloadType logical type name of the payload
     * @param schemaVersion of the payload, from 1
     */
    @SuppressWarnings("ArrayRecordComponent") // a copy of each payload would double the garbage of the relay
    record State(byte[] payload, String payloadType, int schemaVersion) {}
}
