package dev.dualwrite.relay.sink;

import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.internal.RelayLog;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A sink whose unknown payload types are told, each once and not with every entry. As thread-safe as the sink. */
public final class TellsUnknown implements Sink, LoadsReferences {

    /** More types than anybody has: what comes beyond is a producer that invents names, and told often enough. */
    private static final int MAX_TYPES = 1000;

    private final String name;
    private final Sink sink;
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    /** The sink of that name. */
    public TellsUnknown(String name, Sink sink) {
        this.name = name;
        this.sink = sink;
    }

    @Override
    public boolean keepsEveryEntry() {
        return sink.keepsEveryEntry();
    }

    @Override
    public boolean takesEncodedPayloads() {
        return sink.takesEncodedPayloads();
    }

    @Override
    public boolean loadsReferences() {
        return LoadsReferences.by(sink);
    }

    @Override
    public List<ApplyResult> apply(List<ClaimedEntry> entries) throws Exception {
        List<ApplyResult> results = sink.apply(entries);
        // A sink that answers nonsense is told so by the relay.
        if (results != null && results.size() == entries.size()) {
            for (int i = 0; i < entries.size(); i++) {
                if (results.get(i) instanceof ApplyResult.Unknown unknown) {
                    tell(entries.get(i), unknown.reason());
                }
            }
        }
        return results;
    }

    private void tell(ClaimedEntry entry, String reason) {
        if (told.size() < MAX_TYPES && told.add(entry.payloadType() + "/" + entry.schemaVersion())) {
            RelayLog.payloadUnknown(name, entry.payloadType(), entry.schemaVersion(), reason);
        }
    }
}
