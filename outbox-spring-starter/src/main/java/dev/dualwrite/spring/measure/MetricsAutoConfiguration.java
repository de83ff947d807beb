package dev.dualwrite.spring.measure;

import dev.dualwrite.outbox.spi.CommitListener;
import dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration;
import dev.dualwrite.spring.autoconfigure.OutboxPlan;
import dev.dualwrite.spring.operate.OperateAutoConfiguration;
import dev.dualwrite.spring.operate.OutboxWatch;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/**
 * Meters of the outbox where there is one {@link MeterRegistry}, or a primary one. Which of them are kept, their common tags and their
 * buckets are Boot's own properties, {@code management.metrics.*}, and the user's filters.
 */
@AutoConfiguration(
        after = {DualwriteAutoConfiguration.class, OperateAutoConfiguration.class},
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(OutboxPlan.class)
@ConditionalOnSingleCandidate(MeterRegistry.class)
public final class MetricsAutoConfiguration {

    @Bean
    CommitListener dualwriteAppendedMeters(MeterRegistry registry, OutboxPlan plan) {
        return new AppendedMeters(registry, plan.sinks());
    }

    /** At the start and not with the first scrape: whoever pushes its metrics never scrapes. */
    @Bean
    @Lazy(false)
    @ConditionalOnBean(OutboxWatch.class)
    OutboxGauges dualwriteOutboxGauges(MeterRegistry registry, OutboxWatch watch, OutboxPlan plan) {
        return OutboxGauges.register(registry, watch, plan.sinks());
    }
}
