package dev.dualwrite.relay.measure;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.autoconfigure.RelayAutoConfiguration;
import dev.dualwrite.relay.observe.SinkObservers;
import dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration;
import dev.dualwrite.spring.measure.MetricsAutoConfiguration;
import dev.dualwrite.spring.operate.OperateAutoConfiguration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A service with its relay, which applies one entry, and says by what it was observed. Run by a class loader of its own. */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    TransactionAutoConfiguration.class,
    JacksonAutoConfiguration.class,
    DualwriteAutoConfiguration.class,
    OperateAutoConfiguration.class,
    MetricsAutoConfiguration.class,
    RelayAutoConfiguration.class,
    MeasureAutoConfiguration.class
})
public class UnmeasuredProgram implements Function<String[], String> {

    private static final CountDownLatch APPLIED = new CountDownLatch(1);

    @Override
    public String apply(String[] properties) {
        try (var context = new SpringApplicationBuilder(UnmeasuredProgram.class)
                .web(WebApplicationType.NONE)
                .registerShutdownHook(false)
                .run(properties)) {
            new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
                    .executeWithoutResult(status -> context.getBean(Outbox.class)
                            .append(OutboxEntry.upsert(Aggregate.of("order", "1"), Map.of("id", "1"))));
            return APPLIED.await(40, TimeUnit.SECONDS)
                    ? context.getBean(SinkObservers.class)
                            .of(null, "copy")
                            .getClass()
                            .getName()
                    : "not applied";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    @Bean
    Sink copy() {
        return entries -> {
            APPLIED.countDown();
            return entries.stream().map(entry -> ApplyResult.applied()).toList();
        };
    }
}
