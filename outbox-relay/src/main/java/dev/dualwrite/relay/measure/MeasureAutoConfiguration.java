package dev.dualwrite.relay.measure;

import dev.dualwrite.relay.Relay;
import dev.dualwrite.relay.autoconfigure.FurtherPrimaries;
import dev.dualwrite.relay.autoconfigure.RelayAutoConfiguration;
import dev.dualwrite.relay.measure.MeasuredSinks.MeterSource;
import dev.dualwrite.relay.measure.MeasuredSinks.TracingSource;
import dev.dualwrite.relay.observe.SinkObservers;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Meters of the relay where there is one {@link MeterRegistry} or a primary one, spans where there is a {@link Tracer} that speaks
 * W3C. A {@link SinkObservers} bean of the user's own replaces both.
 */
@AutoConfiguration(after = RelayAutoConfiguration.class)
public final class MeasureAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(SinkObservers.class)
    MeasuredSinks dualwriteMeasuredSinks(ObjectProvider<MeterSource> meters, ObjectProvider<TracingSource> tracing) {
        return new MeasuredSinks(
                meters.getIfUnique(() -> (primary, sink) -> null), tracing.getIfUnique(() -> sink -> SinkTracing.NONE));
    }

    /** With Micrometer on the class path. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterRegistry.class)
    static class MetersConfiguration {

        @Bean
        RelayMeters dualwriteRelayMeters(
                ObjectProvider<MeterRegistry> registries,
                ObjectProvider<Relay> own,
                ObjectProvider<FurtherPrimaries> further) {
            return new RelayMeters(registries, own, further);
        }
    }

    /** With Micrometer Tracing on the class path. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Tracer.class)
    static class TracingConfiguration {

        @Bean
        TracingSource dualwriteTracingSource(ObjectProvider<Tracer> tracers, ObjectProvider<Propagator> propagators) {
            return sink -> {
                Tracer tracer = tracers.getIfUnique();
                Propagator propagator = propagators.getIfUnique();
                if (tracer == null || propagator == null || !propagator.fields().contains("traceparent")) {
                    return SinkTracing.NONE;
                }
                return new EntrySpans(tracer, propagator, sink, Clock.systemUTC());
            };
        }
    }
}
