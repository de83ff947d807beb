package dev.dualwrite.spring.context;

import dev.dualwrite.outbox.spi.HeaderSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Headers from the logging context of the thread. Thread-safe; no I/O. */
final class MdcHeaders implements HeaderSource {

    private final Map<String, String> keys;

    /**
     * A source of some headers.
     *
     * @param keys for each header the key in the logging context
     */
    MdcHeaders(Map<String, String> keys) {
        this.keys = Map.copyOf(keys);
    }

    @Override
    public Map<String, ? extends @Nullable String> headers() {
        var headers = new HashMap<String, @Nullable String>();
        keys.forEach((header, key) -> headers.put(header, MDC.get(key)));
        return headers;
    }
}
