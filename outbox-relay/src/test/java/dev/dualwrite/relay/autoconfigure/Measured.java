package dev.dualwrite.relay.autoconfigure;

import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.relay.measure.MeasureAutoConfiguration;
import dev.dualwrite.spring.context.ContextAutoConfiguration;
import dev.dualwrite.spring.measure.MetricsAutoConfiguration;
import dev.dualwrite.spring.operate.OperateAutoConfiguration;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Services and pods that are measured, as Boot sets their registry up. */
final class Measured {

    private Measured() {}

    static ApplicationContextRunner with(ApplicationContextRunner pod) {
        return pod.withConfiguration(AutoConfigurations.of(
                        org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration.class,
                        CompositeMeterRegistryAutoConfiguration.class,
                        PrometheusMetricsExportAutoConfiguration.class,
                        ContextAutoConfiguration.class,
                        OperateAutoConfiguration.class,
                        MetricsAutoConfiguration.class,
                        MeasureAutoConfiguration.class))
                .withPropertyValues(
                        "dualwrite.metrics.interval=1s",
                        "dualwrite.relay.unknown-grace=20s",
                        "dualwrite.relay.max-attempts=2",
                        "dualwrite.relay.initial-backoff=50ms",
                        "dualwrite.relay.max-backoff=50ms");
    }

    /** The sum of a meter's counters that have these tags. */
    static double count(ApplicationContext context, String name, String... tags) {
        return context.getBean(MeterRegistry.class).find(name).tags(tags).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    /** Not a number if there is no such gauge. */
    static double gauge(ApplicationContext context, String name, String... tags) {
        var gauge = context.getBean(MeterRegistry.class).find(name).tags(tags).gauge();
        return gauge == null ? Double.NaN : gauge.value();
    }

    static JdbcClient sql(TestDatabase database) {
        var primary = new PGSimpleDataSource();
        primary.setUrl(database.url());
        primary.setUser(database.user());
        primary.setPassword(database.password());
        return JdbcClient.create(primary);
    }

    static long open(JdbcClient sql) {
        return sql.sql("SELECT (SELECT count(*) FROM dualwrite.outbox_entry)"
                        + " + (SELECT count(*) FROM dualwrite.held_entry WHERE state <> 'dead')")
                .query(Long.class)
                .single();
    }
}
