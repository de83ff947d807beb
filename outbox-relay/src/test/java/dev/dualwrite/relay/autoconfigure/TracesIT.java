package dev.dualwrite.relay.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.spring.context.ContextAutoConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micrometer.tracing.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** One trace from the append to the apply, across two processes with a tracer each. */
class TracesIT {

    private static final Duration SOON = Duration.ofSeconds(40);

    private final TestDatabase database = TestDatabases.create();
    private final JdbcClient sql = Measured.sql(database);
    private final Traced service = new Traced(Sampler.alwaysOn());
    private final Traced pod = new Traced(Sampler.alwaysOn());
    private final List<String> currentTraces = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        service.close();
        pod.close();
    }

    @Test
    void spanOfTheApplyIsAChildOfTheSpanThatAppended() {
        var appended = new ArrayList<Span>();

        run(this::applied, service, context -> appended.add(append(service, context, "order-1")), context -> {});

        SpanData span = single(pod.applies());
        assertThat(span.getName()).isEqualTo("dualwrite apply copy");
        assertThat(span.getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(span.getTraceId()).isEqualTo(appended.get(0).context().traceId());
        assertThat(span.getParentSpanId()).isEqualTo(appended.get(0).context().spanId());
        assertThat(span.getParentSpanContext().isRemote()).isTrue();
        assertThat(tags(span))
                .containsOnly(
                        entry("dualwrite.sink", "copy"),
                        entry("dualwrite.aggregate.type", "order"),
                        entry("dualwrite.outcome", "applied"),
                        entry("dualwrite.attempt", "1"),
                        entry("dualwrite.call.entries", "1"));
        // What the sink did itself, and logged, was within that span.
        assertThat(currentTraces).containsExactly(span.getTraceId() + "/" + span.getSpanId());
        assertThat(span.getEndEpochNanos()).isGreaterThanOrEqualTo(span.getStartEpochNanos());
    }

    @Test
    void appendWithoutASpanOrInOneThatIsNotSampledHasNone() {
        try (var unsampled = new Traced(Sampler.alwaysOff())) {
            run(
                    this::applied,
                    unsampled,
                    context -> {
                        append(unsampled, context, "order-1");
                        Pod.commit(context, "order-2");
                    },
                    context -> {});
        }

        assertThat(currentTraces).containsExactlyInAnyOrder("none", "none");
        assertThat(pod.spans).isEmpty();
    }

    @Test
    void spansOfABatchAreBoundedAndLinkedToTheOneThatItsCallRunsIn() {
        run(
                this::applied,
                service,
                context -> {
                    Span span = service.tracer.nextSpan().name("import").start();
                    try (var scope = service.tracer.withSpan(span)) {
                        append(
                                context,
                                IntStream.range(0, 150)
                                        .mapToObj(i -> new Aggregate("order", idOfOneShard(i)))
                                        .toList());
                    } finally {
                        span.end();
                    }
                },
                context -> {});

        List<SpanData> applies = pod.applies();
        assertThat(applies).hasSize(100);
        SpanData lead = single(
                applies.stream().filter(span -> span.getLinks().isEmpty()).toList());
        assertThat(tags(lead))
                .containsEntry("dualwrite.call.entries", "150")
                .containsEntry("dualwrite.spans.left.out", "50");
        assertThat(applies).filteredOn(span -> span != lead).hasSize(99).allSatisfy(span -> {
            assertThat(span.getLinks())
                    .singleElement()
                    .satisfies(link ->
                            assertThat(link.getSpanContext().getSpanId()).isEqualTo(lead.getSpanId()));
            assertThat(span.getStartEpochNanos()).isEqualTo(lead.getStartEpochNanos());
            assertThat(span.getEndEpochNanos()).isEqualTo(lead.getEndEpochNanos());
        });
        assertThat(currentTraces).containsExactly(lead.getTraceId() + "/" + lead.getSpanId());
    }

    @Test
    void everyAttemptHasASpanAndNoneNamesWhatWasInIt() {
        var calls = new ArrayList<String>();
        Sink sink = entries -> {
            calls.add("call");
            if (calls.size() == 1) {
                throw new IllegalArgumentException("cannot read s3cret");
            }
            return applied(entries);
        };

        run(sink, service, context -> append(service, context, "order-1"), context -> {});

        assertThat(pod.applies())
                .satisfiesExactlyInAnyOrder(
                        first -> {
                            assertThat(tags(first))
                                    .containsEntry("dualwrite.attempt", "1")
                                    .containsEntry("dualwrite.outcome", "failed")
                                    .containsEntry("error.type", "java.lang.IllegalArgumentException");
                            assertThat(first.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
                            assertThat(first.toString())
                                    .doesNotContain("s3cret")
                                    .doesNotContain("order-1");
                        },
                        second -> assertThat(tags(second))
                                .containsEntry("dualwrite.attempt", "2")
                                .containsEntry("dualwrite.outcome", "applied"));
    }

    @Test
    void callThatTheStoreBrokeOffIsNoFailedAttempt() {
        var calls = new ArrayList<String>();
        Sink sink = entries -> {
            calls.add("call");
            if (calls.size() == 1) {
                throw new java.net.ConnectException("refused");
            }
            return applied(entries);
        };

        run(sink, service, context -> append(service, context, "order-1"), context -> {});

        assertThat(pod.applies())
                .satisfiesExactlyInAnyOrder(
                        first -> {
                            assertThat(tags(first))
                                    .containsEntry("dualwrite.outcome", "broken_off")
                                    .containsEntry("error.type", "java.net.ConnectException");
                            assertThat(first.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
                        },
                        second -> assertThat(tags(second))
                                .containsEntry("dualwrite.attempt", "1")
                                .containsEntry("dualwrite.outcome", "applied"));
    }

    @Test
    void timersNameTheTraceOfAnEntryAsTheirExemplar() {
        run(this::applied, service, context -> append(service, context, "order-1"), context -> {
            var registry = (PrometheusMeterRegistry) context.getBean(MeterRegistry.class);
            String trace = "trace_id=\"" + single(pod.applies()).getTraceId() + "\"";

            String scraped = registry.scrape("application/openmetrics-text; version=1.0.0; charset=utf-8");

            assertThat(scraped.lines().filter(line -> line.startsWith("dualwrite_apply_delay_seconds_bucket")))
                    .anyMatch(line -> line.contains(trace));
            assertThat(scraped.lines().filter(line -> line.startsWith("dualwrite_apply_duration_seconds_bucket")))
                    .anyMatch(line -> line.contains(trace));
        });
    }

    /** A service appends, then a pod applies all of it. */
    private void run(
            Sink sink, Traced appending, Consumer<ApplicationContext> appends, Consumer<ApplicationContext> applied) {
        appending
                .with(Pod.service(database, "copy")
                        .withConfiguration(AutoConfigurations.of(ContextAutoConfiguration.class)))
                .run(appends::accept);
        pod.with(Measured.with(Pod.at(database)).withBean("copy", Sink.class, () -> sink))
                .run(context -> {
                    await().atMost(SOON).until(() -> Measured.open(sql) == 0);
                    await().atMost(SOON).until(() -> Measured.count(context, "dualwrite.entries.applied") > 0);
                    applied.accept(context);
                });
    }

    private List<ApplyResult> applied(List<ClaimedEntry> entries) {
        Span current = pod.tracer.currentSpan();
        currentTraces.add(
                current == null
                        ? "none"
                        : current.context().traceId() + "/" + current.context().spanId());
        return entries.stream().map(entry -> ApplyResult.applied()).toList();
    }

    private static Span append(Traced traced, ApplicationContext context, String id) {
        Span span = traced.tracer.nextSpan().name("request").start();
        try (var scope = traced.tracer.withSpan(span)) {
            Pod.commit(context, id);
        } finally {
            span.end();
        }
        return span;
    }

    private static void append(ApplicationContext context, List<Aggregate> aggregates) {
        new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
                .executeWithoutResult(status -> aggregates.forEach(
                        aggregate -> context.getBean(Outbox.class).append(OutboxEntry.upsert(aggregate, "x"))));
    }

    /** The i-th id whose aggregate is in the first shard, so that one claim takes all of them. */
    private static String idOfOneShard(int i) {
        return IntStream.iterate(0, n -> n + 1)
                .filter(n -> new Aggregate("order", "id" + n).shard(16) == 0)
                .skip(i)
                .mapToObj(n -> "id" + n)
                .findFirst()
                .orElseThrow();
    }

    private static SpanData single(List<SpanData> spans) {
        assertThat(spans).hasSize(1);
        return spans.get(0);
    }

    private static Map<String, String> tags(SpanData span) {
        Map<String, String> tags = new HashMap<>();
        span.getAttributes().forEach((key, value) -> tags.put(key.getKey(), String.valueOf(value)));
        return tags;
    }
}
