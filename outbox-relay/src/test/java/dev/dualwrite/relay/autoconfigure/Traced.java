package dev.dualwrite.relay.autoconfigure;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.micrometer.tracing.propagation.Propagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** A tracer of one process, and the spans that left it. */
final class Traced implements AutoCloseable {

    final List<SpanData> spans = new CopyOnWriteArrayList<>();
    final Tracer tracer;
    private final Propagator propagator;
    private final SdkTracerProvider provider;

    Traced(Sampler sampler) {
        provider = SdkTracerProvider.builder()
                .setSampler(Sampler.parentBased(sampler))
                .addSpanProcessor(SimpleSpanProcessor.create(new Exporter()))
                .build();
        var otel = provider.get("test");
        tracer = new OtelTracer(otel, new OtelCurrentTraceContext(), event -> {});
        propagator = new OtelPropagator(ContextPropagators.create(W3CTraceContextPropagator.getInstance()), otel);
    }

    ApplicationContextRunner with(ApplicationContextRunner process) {
        return process.withBean(Tracer.class, () -> tracer)
                .withBean(Propagator.class, () -> propagator)
                .withBean(SpanContext.class, Current::new);
    }

    /** Those of the relay. */
    List<SpanData> applies() {
        return spans.stream()
                .filter(span -> span.getName().startsWith("dualwrite apply"))
                .toList();
    }

    @Override
    public void close() {
        provider.close();
    }

    /** Keeps what would be sent. */
    private final class Exporter implements SpanExporter {
        @Override
        public CompletableResultCode export(Collection<SpanData> ended) {
            spans.addAll(ended);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    /** What a registry asks for the trace of an exemplar, as Boot's own does. */
    private final class Current implements SpanContext {
        @Override
        public @Nullable String getCurrentTraceId() {
            Span span = tracer.currentSpan();
            return span == null ? null : span.context().traceId();
        }

        @Override
        public @Nullable String getCurrentSpanId() {
            Span span = tracer.currentSpan();
            return span == null ? null : span.context().spanId();
        }

        @Override
        public boolean isCurrentSpanSampled() {
            Span span = tracer.currentSpan();
            return span != null && Boolean.TRUE.equals(span.context().sampled());
        }

        @Override
        public void markCurrentSpanAsExemplar() {}
    }
}
