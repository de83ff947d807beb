package dev.dualwrite.relay.state;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.StateLoader.State;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where the states of one aggregate type come from: a loader of the user's, or a table. Thread-safe; blocks. */
interface StateSource {

    /**
     * Reads the states that can be seen now.
     *
     * @throws Exception if they cannot be read: the primary's fault, or that of an aggregate among them
     */
    Loaded load(Request request) throws Exception;

    /** The newest schema version of references that it can load. A table shows all its columns, whoever wrote them. */
    default int newestVersion() {
        return Integer.MAX_VALUE;
    }

    /**
     * What is to be loaded.
     *
     * @param aggregates at least one, each once, of one type
     * @param epoch that the versions were drawn in: a server of another one is not the primary
     * @param limits on what may come
     */
    record Request(List<Aggregate> aggregates, int epoch, Limits limits) {}

    /**
     * How much may come.
     *
     * @param payloadBytes of one state
     * @param bytes of all states together; a larger one comes alone
     * @param timeout of the whole
     */
    record Limits(long payloadBytes, long bytes, Duration timeout) {

        Limits without(long used) {
            return new Limits(payloadBytes, Math.max(1, bytes - used), timeout);
        }
    }

    /**
     * What was read. An aggregate that is in none of the three is gone.
     *
     * @param states of those that exist
     * @param rejected for each that can never be loaded the reason
     * @param left not read, for lack of room; never the first one
     */
    record Loaded(Map<Aggregate, State> states, Map<Aggregate, String> rejected, Set<Aggregate> left) {}
}
