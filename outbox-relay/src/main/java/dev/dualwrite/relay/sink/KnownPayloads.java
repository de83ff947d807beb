package dev.dualwrite.relay.sink;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The payload types and schema versions that a sink's mapping was written for. Others are appended by a newer release while older
 * relays still run: they are answered as unknown, so they wait. Immutable.
 */
public final class KnownPayloads {

    private final Map<String, Integer> newest;
    private final boolean onlyThese;

    private KnownPayloads(Map<String, Integer> newest, boolean onlyThese) {
        this.newest = Map.copyOf(newest);
        this.onlyThese = onlyThese;
    }

    /** These types up to these versions, and no others. */
    public static KnownPayloads only(Map<String, Integer> newest) {
        return new KnownPayloads(newest, true);
    }

    /** These types up to these versions, and all others in any version. */
    public static KnownPayloads upTo(Map<String, Integer> newest) {
        return new KnownPayloads(newest, false);
    }

    /** Whether there is no payload that would be unknown. */
    public boolean isEverything() {
        return !onlyThese && newest.isEmpty();
    }

    /** Why a payload is unknown, without quoting it; null if it is known. */
    public @Nullable String unknown(String type, int schemaVersion) {
        Integer version = newest.get(type);
        if (version == null) {
            return onlyThese ? "payload type is '" + type + "', this sink knows " + newest.keySet() : null;
        }
        return schemaVersion <= version
                ? null
                : "schema version of payload type '" + type + "' is " + schemaVersion + ", this sink knows it up to "
                        + version;
    }
}
