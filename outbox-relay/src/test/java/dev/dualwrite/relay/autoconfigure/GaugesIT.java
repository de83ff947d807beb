package dev.dualwrite.relay.autoconfigure;

import static dev.dualwrite.relay.autoconfigure.Measured.gauge;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How the outbox stands, as gauges of a service that relays nothing itself. */
class GaugesIT {

    private static final Duration SOON = Duration.ofSeconds(40);

    private final TestDatabase database = TestDatabases.create();
    private final JdbcClient sql = Measured.sql(database);

    @Test
    void gaugesFollowTheSinkFromNobodyRelaysItToPausedByAPerson() {
        service().run(service -> {
            Pod.commit(service, "fail-1");
            Pod.commit(service, "ok-1");
            awaitGauge(service, 2, "dualwrite.backlog", "sink", "copy");
            awaitGauge(service, 1, "dualwrite.sink.state", "state", "uncarried");
            awaitGauge(service, 0, "dualwrite.relays");
            assertThat(gauge(service, "dualwrite.lag", "sink", "copy")).isPositive();

            pod().run(pod -> {
                awaitGauge(service, 1, "dualwrite.entries.held", "sink", "copy", "state", "dead");
                awaitGauge(service, 1, "dualwrite.relays");
                awaitGauge(service, 0, "dualwrite.shards.unheld", "sink", "copy");
                assertThat(states(service)).containsExactly(1.0, 0.0, 0.0, 0.0);
                assertThat(gauge(service, "dualwrite.lag", "sink", "copy")).isZero();
                // Both look at the same.
                awaitGauge(pod, 1, "dualwrite.entries.held", "sink", "copy", "state", "dead");

                pod().run(second -> {
                    awaitGauge(service, 2, "dualwrite.relays");
                    await().atMost(SOON)
                            .until(() -> gauge(pod, "dualwrite.shards.held", "sink", "copy") == 8
                                    && gauge(second, "dualwrite.shards.held", "sink", "copy") == 8);
                });

                sql.sql("SELECT dualwrite.pause_sink('copy', 'a test')").query().singleRow();
                awaitGauge(service, 1, "dualwrite.sink.state", "state", "paused");
                assertThat(states(service)).containsExactly(0.0, 1.0, 0.0, 0.0);
                keep(pod);
            });
        });
    }

    @Test
    void gaugesHaveGapsWhileThePrimaryIsNotMeasured() {
        service().run(service -> {
            awaitGauge(service, 0, "dualwrite.backlog", "sink", "copy");
            awaitGauge(service, 1, "dualwrite.primary.measured");

            sql.sql("ALTER SCHEMA dualwrite RENAME TO elsewhere").update();

            awaitGauge(service, 0, "dualwrite.primary.measured");
            assertThat(gauge(service, "dualwrite.backlog", "sink", "copy")).isNaN();
            assertThat(gauge(service, "dualwrite.relays")).isNaN();
            sql.sql("ALTER SCHEMA elsewhere RENAME TO dualwrite").update();
            awaitGauge(service, 1, "dualwrite.primary.measured");
            assertThat(gauge(service, "dualwrite.backlog", "sink", "copy")).isZero();
        });
    }

    @Test
    void sinkThatBecomesKnownLaterIsMeasuredFromThenOn() {
        service().run(service -> {
            awaitGauge(service, 0, "dualwrite.backlog", "sink", "copy");

            new ControlStore(service.getBean(DataSource.class), "dualwrite").registerSinks(List.of("later"));

            awaitGauge(service, 0, "dualwrite.backlog", "sink", "later");
        });
    }

    private ApplicationContextRunner service() {
        return Measured.with(Pod.service(database, "copy"));
    }

    private ApplicationContextRunner pod() {
        Sink sink = entries -> entries.stream()
                .map(entry -> entry.aggregate().id().startsWith("fail")
                        ? ApplyResult.rejected("never")
                        : ApplyResult.applied())
                .toList();
        return Measured.with(Pod.at(database)).withBean("copy", Sink.class, () -> sink);
    }

    private static void awaitGauge(ApplicationContext context, double value, String name, String... tags) {
        await(name).atMost(SOON).until(() -> gauge(context, name, tags) == value);
    }

    private static List<Double> states(ApplicationContext context) {
        return List.of("running", "paused", "tripped", "uncarried").stream()
                .map(state -> gauge(context, "dualwrite.sink.state", "sink", "copy", "state", state))
                .toList();
    }

    /** What Prometheus reads of it, for who wants to look. */
    private static void keep(ApplicationContext pod) throws IOException {
        var registry = (PrometheusMeterRegistry) pod.getBean(MeterRegistry.class);
        Files.writeString(Path.of("target", "metrics-scrape.txt"), registry.scrape());
    }
}
