package dev.dualwrite.relay.alerts;

import dev.dualwrite.relay.autoconfigure.RelayAutoConfiguration;
import dev.dualwrite.relay.measure.MeasureAutoConfiguration;
import dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration;
import dev.dualwrite.spring.measure.MetricsAutoConfiguration;
import dev.dualwrite.spring.operate.OperateAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Configuration;

/** A service or a pod, with a registry for Prometheus and without what these tests do not need. */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    TransactionAutoConfiguration.class,
    JacksonAutoConfiguration.class,
    org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration.class,
    CompositeMeterRegistryAutoConfiguration.class,
    PrometheusMetricsExportAutoConfiguration.class,
    DualwriteAutoConfiguration.class,
    OperateAutoConfiguration.class,
    MetricsAutoConfiguration.class,
    RelayAutoConfiguration.class,
    MeasureAutoConfiguration.class
})
class MeasuredProgram {}
