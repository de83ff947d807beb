package dev.dualwrite.spring.context;

import dev.dualwrite.outbox.spi.HeaderSource;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The current trace as W3C has it in headers: {@code traceparent} and {@code tracestate}. Baggage is left out, it may hold
 * anything. Thread-safe; no I/O.
 */
final class TraceHeaders implements HeaderSource {

    private static final Set<String> W3C = Set.of("traceparent", "tracestate");

    private final Supplier<@Nullable Tracer> tracer;
    private final Supplier<@Nullable Propagator> propagator;

    /** A source that finds its tracer when it is first asked: many beans come before that one. */
    TraceHeaders(Supplier<@Nullable Tracer> tracer, Supplier<@Nullable Propagator> propagator) {
        this.tracer = tracer;
        this.propagator = propagator;
    }

    @Override
    public Map<String, String> headers() {
        Tracer tracing = tracer.get();
        TraceContext trace =
                tracing == null ? null : tracing.currentTraceContext().context();
        Propagator writer = trace == null ? null : propagator.get();
        if (trace == null || writer == null) {
            return Map.of();
        }
        var headers = new HashMap<String, String>();
        writer.inject(trace, headers, (all, name, value) -> {
            if (W3C.contains(name) && all != null) {
                all.put(name, value);
            }
        });
        // An empty one is allowed by W3C, and says nothing.
        headers.remove("tracestate", "");
        return headers;
    }
}
