package dev.dualwrite.spring.context;

import dev.dualwrite.outbox.spi.EntryContext;
import dev.dualwrite.outbox.spi.HeaderSource;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import java.util.ArrayList;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * What entries know of their surroundings: the user's {@link HeaderSource} beans first, then the trace if there is a tracer, then
 * what {@code dualwrite.outbox.headers.from-mdc} names.
 */
@AutoConfiguration
public final class ContextAutoConfiguration {

    @Bean
    EntryContext dualwriteEntryContext(ObjectProvider<HeaderSource> sources, Environment environment) {
        var all = new ArrayList<>(sources.orderedStream().toList());
        Map<String, String> fromMdc = Binder.get(environment)
                .bind("dualwrite.outbox.headers.from-mdc", Bindable.mapOf(String.class, String.class))
                .orElse(Map.of());
        if (!fromMdc.isEmpty()) {
            all.add(new MdcHeaders(fromMdc));
        }
        return new EntryContext(all, new TellsOnce());
    }

    /** The trace, where Micrometer Tracing is on the class path. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Tracer.class)
    static class TracingConfiguration {

        @Bean
        HeaderSource dualwriteTraceHeaders(ObjectProvider<Tracer> tracer, ObjectProvider<Propagator> propagator) {
            return new TraceHeaders(new FoundOnce<>(tracer::getIfUnique), new FoundOnce<>(propagator::getIfUnique));
        }
    }
}
