package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.TransactionBinding;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.spring.measure.MetricsAutoConfiguration;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** What a service appends is counted once it is committed, for each sink and operation. */
class AppendedMetersIT {

    private static final OutboxEntry UPSERT = OutboxEntry.upsert(new Aggregate("order", "1"), "x");

    private final ApplicationContextRunner service = Starter.at(new Sql(TestDatabases.create()))
            .withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class))
            .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
            .withPropertyValues("dualwrite.outbox.sinks=copy,search");

    @Test
    void entriesAreCountedForEachSinkAndOperation() {
        service.run(context -> {
            transaction(context).executeWithoutResult(status -> {
                context.getBean(Outbox.class).append(UPSERT);
                context.getBean(Outbox.class).append(OutboxEntry.upsert(new Aggregate("order", "2"), "x"));
                context.getBean(Outbox.class).append(OutboxEntry.delete(new Aggregate("order", "3")));
                context.getBean(TransactionBinding.class)
                        .current()
                        .capture(OutboxEntry.reference(new Aggregate("order", "4")));
            });

            for (String sink : new String[] {"copy", "search"}) {
                assertThat(count(context, "sink", sink, "operation", "upsert")).isEqualTo(2);
                assertThat(count(context, "sink", sink, "operation", "delete")).isEqualTo(1);
                assertThat(count(context, "sink", sink, "operation", "reference"))
                        .isEqualTo(1);
            }
        });
    }

    @Test
    void whatIsRolledBackIsNotCounted() {
        service.run(context -> {
            transaction(context).executeWithoutResult(status -> {
                context.getBean(Outbox.class).append(UPSERT);
                status.setRollbackOnly();
            });
            var nested = transaction(context);
            nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
            transaction(context).executeWithoutResult(status -> {
                context.getBean(Outbox.class).append(UPSERT);
                nested.executeWithoutResult(inner -> {
                    context.getBean(Outbox.class).append(UPSERT);
                    inner.setRollbackOnly();
                });
            });

            assertThat(count(context, "sink", "copy")).isEqualTo(1);
        });
    }

    private static double count(ApplicationContext context, String... tags) {
        return context.getBean(MeterRegistry.class).find("dualwrite.entries.appended").tags(tags).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static TransactionTemplate transaction(ApplicationContext context) {
        return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
    }
}
