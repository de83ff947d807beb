package dev.dualwrite.relay.measure;

import dev.dualwrite.relay.observe.SinkObserver;
import dev.dualwrite.relay.observe.SinkObservers;
import org.jspecify.annotations.Nullable;

/** Measures the sinks of this process by what it has for that; by nothing, at no cost, if it has nothing. Thread-safe. */
final class MeasuredSinks implements SinkObservers {

    private final MeterSource meters;
    private final TracingSource tracing;

    /** Where a sink's meters come from. */
    @FunctionalInterface
    interface MeterSource {
        @Nullable
        SinkMeters of(@Nullable String primary, String sink);
    }

    /** Where a sink's spans come from. */
    @FunctionalInterface
    interface TracingSource {
        SinkTracing of(String sink);
    }

    MeasuredSinks(MeterSource meters, TracingSource tracing) {
        this.meters = meters;
        this.tracing = tracing;
    }

    @Override
    public SinkObserver of(@Nullable String primary, String sink) {
        SinkMeters own = meters.of(primary, sink);
        SinkTracing spans = tracing.of(sink);
        return own == null && spans == SinkTracing.NONE ? SinkObserver.NONE : new MeasuredSink(own, spans);
    }
}
