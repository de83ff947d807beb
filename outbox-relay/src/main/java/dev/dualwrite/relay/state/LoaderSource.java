package dev.dualwrite.relay.state;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.spi.StateLoader;
import dev.dualwrite.outbox.spi.StateLoader.State;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * States from a loader of the user's. What it answers is looked at before it is believed: a deletion that is a mistake would be
 * made at the secondary. As thread-safe as the loader.
 */
final class LoaderSource implements StateSource {

    private final StateLoader loader;
    private final int newestVersion;

    LoaderSource(StateLoader loader, String aggregateType) {
        this.loader = loader;
        this.newestVersion = loader.newestVersion(aggregateType);
    }

    @Override
    public int newestVersion() {
        return newestVersion;
    }

    @Override
    public Loaded load(Request request) throws Exception {
        Map<Aggregate, State> answer = loader.load(request.aggregates());
        if (answer == null) {
            throw wrong("answered null, expected a map with a state for each aggregate that exists");
        }
        var asked = new HashSet<>(request.aggregates());
        var states = new HashMap<Aggregate, State>();
        var rejected = new HashMap<Aggregate, Refused>();
        for (var one : answer.entrySet()) {
            Aggregate aggregate = one.getKey();
            if (!asked.contains(aggregate)) {
                throw wrong("answered " + aggregate + ", which it was not asked for: expected only those of "
                        + asked.size() + " aggregates");
            }
            State state = checked(aggregate, one.getValue());
            int bytes = state.payload().length;
            if (bytes > request.limits().payloadBytes()) {
                rejected.put(aggregate, new Refused(TooLarge.reason(bytes, request.limits()), bytes));
            } else {
                states.put(aggregate, state);
            }
        }
        return new Loaded(states, rejected, Set.of());
    }

    private State checked(Aggregate aggregate, State state) {
        if (state == null || state.payload() == null || state.payload().length == 0) {
            throw wrong("answered " + (state == null ? "null" : "no payload") + " for " + aggregate
                    + ", expected its state, or to leave it out if it is gone");
        }
        if (state.payloadType() == null || state.payloadType().isEmpty() || state.schemaVersion() < 1) {
            throw wrong("answered payload type '" + state.payloadType() + "' and schema version "
                    + state.schemaVersion() + " for " + aggregate + ", expected a name and a number from 1");
        }
        return state;
    }

    private IllegalStateException wrong(String what) {
        return new IllegalStateException(
                "StateLoader " + loader.getClass().getName() + " " + what + ". Next: correct it");
    }
}
