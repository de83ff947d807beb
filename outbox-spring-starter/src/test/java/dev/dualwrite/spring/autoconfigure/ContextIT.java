package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.HeaderSource;
import dev.dualwrite.outbox.spi.TransactionBinding;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.spring.context.ContextAutoConfiguration;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.micrometer.tracing.propagation.Propagator;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What is known around an append or a capture travels in the entry. */
@ExtendWith(OutputCaptureExtension.class)
class ContextIT {

    private final Sql sql = new Sql(TestDatabases.create());
    private final ApplicationContextRunner service = Starter.at(sql)
            .withConfiguration(AutoConfigurations.of(ContextAutoConfiguration.class))
            .withPropertyValues(
                    "dualwrite.outbox.sinks=copy",
                    "dualwrite.outbox.headers.from-mdc.tenant=tenantId",
                    "dualwrite.outbox.headers.from-mdc.correlation-id=correlationId");

    @AfterEach
    void clear() {
        MDC.clear();
    }

    @Test
    void valuesOfTheLoggingContextAreAddedToWhatIsAppendedAndCaptured() throws SQLException {
        MDC.put("tenantId", "a & b");

        service.run(context -> {
            append(context, entry -> entry);
            transaction(context)
                    .executeWithoutResult(status -> context.getBean(TransactionBinding.class)
                            .current()
                            .capture(OutboxEntry.reference(new Aggregate("customer", "1"))));
        });

        assertThat(sql.query("SELECT headers FROM dualwrite.outbox_entry ORDER BY sequence"))
                .hasSize(2)
                .allSatisfy(text -> assertThat(headers(text)).containsOnly(entry("tenant", "a & b")));
    }

    @Test
    void ownHeaderOfAnEntryWins() throws SQLException {
        MDC.put("tenantId", "other");

        service.run(context -> append(context, entry -> entry.header("tenant", "mine")));

        assertThat(headers(single())).containsOnly(entry("tenant", "mine"));
    }

    @Test
    void badValueAroundAnEntryIsLeftOutToldOnceAndNeverLogged(CapturedOutput output) throws SQLException {
        MDC.put("tenantId", "s3cret\0");
        MDC.put("correlationId", "c");

        service.run(context -> {
            append(context, entry -> entry);
            append(context, entry -> entry);
        });

        assertThat(sql.query("SELECT headers FROM dualwrite.outbox_entry"))
                .hasSize(2)
                .allSatisfy(text -> assertThat(headers(text)).containsOnly(entry("correlation-id", "c")));
        assertThat(output.getOut())
                .containsOnlyOnce(
                        "outbox_header_left_out reason=\"header 'tenant' has a value with a control character")
                .doesNotContain("s3cret");
    }

    @Test
    void sourcesOfTheUserAreAsked() throws SQLException {
        service.withBean(HeaderSource.class, () -> () -> Map.of("shop", "berlin"))
                .run(context -> append(context, entry -> entry));

        assertThat(headers(single())).containsOnly(entry("shop", "berlin"));
    }

    @Test
    void currentTraceTravelsWithoutItsBaggage() throws SQLException {
        try (SdkTracerProvider provider = SdkTracerProvider.builder().build()) {
            var propagators = ContextPropagators.create(TextMapPropagator.composite(
                    W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance()));
            var otel = provider.get("test");
            Tracer tracer = new OtelTracer(otel, new OtelCurrentTraceContext(), event -> {});
            var span = tracer.nextSpan().start();
            String[] traceparent = new String[1];
            service.withBean(Tracer.class, () -> tracer)
                    .withBean(Propagator.class, () -> new OtelPropagator(propagators, otel))
                    .run(context -> {
                        append(context, entry -> entry);
                        try (var scope = tracer.withSpan(span);
                                var baggage = io.opentelemetry.api.baggage.Baggage.builder()
                                        .put("user", "s3cret")
                                        .build()
                                        .makeCurrent()) {
                            append(context, entry -> entry);
                        }
                        traceparent[0] = "00-" + span.context().traceId() + "-"
                                + span.context().spanId() + "-";
                    });

            assertThat(sql.query("SELECT headers FROM dualwrite.outbox_entry ORDER BY sequence"))
                    .satisfiesExactly(
                            text -> assertThat(text).isEmpty(),
                            text -> assertThat(headers(text))
                                    .hasSize(1)
                                    .hasEntrySatisfying(
                                            "traceparent",
                                            value -> assertThat(value).startsWith(traceparent[0])));
        }
    }

    @Test
    void headerNameThatIsNotFitIsAMistakeAtTheStart() {
        service.withPropertyValues("dualwrite.outbox.headers.from-mdc." + "n".repeat(1001) + "=key")
                .run(context -> assertThat(Starter.rootOf(context.getStartupFailure()))
                        .hasMessageContaining("dualwrite.outbox.headers.from-mdc: the name of a header has 1001"));
    }

    private static void append(ApplicationContext context, UnaryOperator<OutboxEntry> change) {
        transaction(context)
                .executeWithoutResult(status -> context.getBean(Outbox.class)
                        .append(change.apply(OutboxEntry.upsert(new Aggregate("order", "1"), Map.of("id", "1")))));
    }

    private static TransactionTemplate transaction(ApplicationContext context) {
        return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
    }

    private String single() throws SQLException {
        return sql.query("SELECT headers FROM dualwrite.outbox_entry").get(0);
    }

    private static Map<String, String> headers(String text) {
        var headers = new LinkedHashMap<String, String>();
        for (String pair : text.split("&")) {
            String[] parts = pair.split("=", 2);
            headers.put(
                    URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                    URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return headers;
    }
}
