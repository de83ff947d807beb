package dev.dualwrite.relay.autoconfigure;

import static dev.dualwrite.relay.autoconfigure.Measured.count;
import static dev.dualwrite.relay.autoconfigure.Measured.gauge;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.observe.SinkObserver;
import dev.dualwrite.relay.observe.SinkObservers;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What is counted, to the unit, after real work. */
@ExtendWith(OutputCaptureExtension.class)
class MetricsIT {

    private static final Duration SOON = Duration.ofSeconds(40);

    private final TestDatabase database = TestDatabases.create();
    private final JdbcClient sql = Measured.sql(database);
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    @Test
    void everyEntryIsCountedOnceForWhatBecameOfIt() {
        relaying(entries -> entries.stream().map(this::answer).toList()).run(context -> {
            append(context, "ok-1", "ok-1", "ok-2", "ok-3", "stale-1", "reject-1", "defer-1", "unknown-1", "fail-1");
            rollBack(context, "ok-4");
            await().atMost(SOON).until(() -> Measured.open(sql) == 0);

            assertThat(count(context, "dualwrite.entries.appended", "sink", "copy", "operation", "upsert"))
                    .isEqualTo(9);
            assertThat(count(context, "dualwrite.entries.appended")).isEqualTo(9);
            // All but the rejected and the failed one, also the one that a newer one made superfluous.
            assertThat(count(context, "dualwrite.entries.applied")).isEqualTo(7);
            assertThat(count(context, "dualwrite.entries.dead", "sink", "copy")).isEqualTo(2);
            assertThat(count(context, "dualwrite.attempts", "outcome", "applied"))
                    .isEqualTo(5);
            assertThat(count(context, "dualwrite.attempts", "outcome", "stale")).isEqualTo(1);
            assertThat(count(context, "dualwrite.attempts", "outcome", "rejected"))
                    .isEqualTo(1);
            assertThat(count(context, "dualwrite.attempts", "outcome", "deferred"))
                    .isEqualTo(1);
            assertThat(count(context, "dualwrite.attempts", "outcome", "unknown"))
                    .isEqualTo(1);
            assertThat(count(context, "dualwrite.attempts", "outcome", "failed"))
                    .isEqualTo(2);
            var registry = context.getBean(MeterRegistry.class);
            assertThat(registry.get("dualwrite.apply.delay").timer().count()).isEqualTo(7);
            // Nine fresh ones, and those four that were tried again: deferred, unknown, and the failed one once more.
            assertThat(registry.get("dualwrite.batch.entries").summary().totalAmount())
                    .isEqualTo(12);
            assertThat(registry.get("dualwrite.apply.duration").timer().count()).isPositive();
            assertThat(gauge(context, "dualwrite.shards.held", "sink", "copy")).isEqualTo(16);
            assertThat(gauge(context, "dualwrite.relay.broken")).isZero();
            assertThat(count(context, "dualwrite.leases.lost")).isZero();
        });
    }

    @Test
    void batchWhoseSettleIsRefusedIsCountedWhenItIsAppliedAgain() {
        var calls = new AtomicInteger();
        Sink sink = entries -> {
            if (calls.incrementAndGet() == 1) {
                sql.sql("UPDATE dualwrite.lane SET fencing_token = fencing_token + 1, holder = NULL")
                        .update();
            }
            return entries.stream().map(entry -> ApplyResult.applied()).toList();
        };

        relaying(sink).run(context -> {
            append(context, "ok-1");
            await().atMost(SOON).until(() -> Measured.open(sql) == 0);

            assertThat(calls).hasValue(2);
            assertThat(count(context, "dualwrite.entries.applied")).isEqualTo(1);
            assertThat(count(context, "dualwrite.attempts")).isEqualTo(1);
            assertThat(count(context, "dualwrite.leases.lost", "sink", "copy")).isEqualTo(1);
            assertThat(context.getBean(MeterRegistry.class)
                            .get("dualwrite.apply.duration")
                            .timer()
                            .count())
                    .isEqualTo(2);
        });
    }

    @Test
    void delayIsMeasuredByTheClockOfThePrimary() {
        relaying(entries -> entries.stream().map(entry -> ApplyResult.applied()).toList())
                .run(context -> {
                    append(context, "ok-1");
                    await().atMost(SOON).until(() -> Measured.open(sql) == 0);
                    // As if it had been appended an hour ago by the primary's clock.
                    sql.sql("INSERT INTO dualwrite.outbox_entry"
                                    + " (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload_type,"
                                    + " headers, payload, appended_at)"
                                    + " SELECT sink_id, 0, 1, 'D', 'order', 'old', '', '', NULL, clock_timestamp() - interval '1 hour'"
                                    + " FROM dualwrite.sink WHERE name = 'copy'")
                            .update();
                    await().atMost(SOON).until(() -> count(context, "dualwrite.entries.applied") == 2);

                    assertThat(context.getBean(MeterRegistry.class)
                                    .get("dualwrite.apply.delay")
                                    .timer()
                                    .totalTime(java.util.concurrent.TimeUnit.SECONDS))
                            .isBetween(3600.0, 3600.0 + SOON.toSeconds());
                });
    }

    @Test
    void whatFurtherPrimariesGetIsCountedUnderTheirName() {
        TestDatabase billing = TestDatabases.create();
        Pod.service(billing, "bills")
                .run(billingService -> relaying(
                                entries -> entries.stream().map(this::answer).toList())
                        .withBean(
                                "bills",
                                Sink.class,
                                () -> entries ->
                                        entries.stream().map(this::answer).toList())
                        .withPropertyValues(
                                "dualwrite.relay.primaries.billing.url=" + billing.url(),
                                "dualwrite.relay.primaries.billing.username=" + billing.user(),
                                "dualwrite.relay.primaries.billing.password=" + billing.password(),
                                "dualwrite.relay.primaries.billing.sinks=bills",
                                "dualwrite.outbox.sinks=copy")
                        .run(context -> {
                            append(context, "ok-1");
                            append(billingService, "ok-2", "ok-3");
                            await().atMost(SOON)
                                    .until(() -> count(context, "dualwrite.entries.applied", "primary", "billing") == 2
                                            && count(context, "dualwrite.entries.applied", "sink", "copy") == 1);

                            String scraped = ((PrometheusMeterRegistry) context.getBean(MeterRegistry.class)).scrape();
                            assertThat(scraped.lines())
                                    .contains(
                                            "dualwrite_entries_applied_total{sink=\"copy\"} 1.0",
                                            "dualwrite_entries_applied_total{primary=\"billing\",sink=\"bills\"} 2.0",
                                            "dualwrite_shards_held{primary=\"billing\",sink=\"bills\"} 16.0");
                        }));
    }

    @Test
    void observerThatThrowsChangesNothingAndIsToldOnce(CapturedOutput output) {
        SinkObserver broken = new SinkObserver() {
            @Override
            public dev.dualwrite.relay.observe.BatchObserver batch() {
                throw new IllegalStateException("broken observer");
            }

            @Override
            public void lanesLost(int lanes) {
                throw new IllegalStateException("broken observer");
            }
        };

        relaying(entries -> entries.stream().map(this::answer).toList())
                .withBean(SinkObservers.class, () -> (primary, sink) -> broken)
                .run(context -> {
                    append(context, "ok-1", "fail-1");
                    append(context, "ok-2");
                    await().atMost(SOON).until(() -> Measured.open(sql) == 0);
                });

        assertThat(seen).contains("ok-1", "ok-2");
        assertThat(output.getOut()).containsOnlyOnce("observer_failed sink=copy");
    }

    @Test
    void metersThatAreSwitchedOffAreNotThere() {
        relaying(entries -> entries.stream().map(this::answer).toList())
                .withPropertyValues("management.metrics.enable.dualwrite=false")
                .run(context -> {
                    append(context, "ok-1");
                    await().atMost(SOON).until(() -> Measured.open(sql) == 0);

                    assertThat(context.getBean(MeterRegistry.class).getMeters())
                            .noneMatch(meter -> meter.getId().getName().startsWith("dualwrite"));
                });
    }

    @Test
    void processWithoutARegistryWorksAsBefore() {
        Pod.at(database)
                .withConfiguration(org.springframework.boot.autoconfigure.AutoConfigurations.of(
                        dev.dualwrite.spring.measure.MetricsAutoConfiguration.class,
                        dev.dualwrite.relay.measure.MeasureAutoConfiguration.class))
                .withBean(
                        "copy",
                        Sink.class,
                        () -> entries -> entries.stream().map(this::answer).toList())
                .run(context -> {
                    append(context, "ok-1");
                    await().atMost(SOON).until(() -> Measured.open(sql) == 0);

                    assertThat(context.getBean(SinkObservers.class).of(null, "copy"))
                            .isSameAs(SinkObserver.NONE);
                });
    }

    private ApplicationContextRunner relaying(Sink sink) {
        return Measured.with(Pod.at(database)).withBean("copy", Sink.class, () -> sink);
    }

    private ApplyResult answer(ClaimedEntry entry) {
        String id = entry.aggregate().id();
        boolean first = seen.add(id);
        return switch (id.substring(0, id.indexOf('-'))) {
            case "stale" -> ApplyResult.stale();
            case "reject" -> ApplyResult.rejected("never");
            case "defer" -> first ? ApplyResult.deferred(Duration.ofMillis(50)) : ApplyResult.applied();
            case "unknown" -> first ? ApplyResult.unknown("not yet") : ApplyResult.applied();
            case "fail" -> throw new IllegalArgumentException("no");
            default -> ApplyResult.applied();
        };
    }

    private static void append(ApplicationContext context, String... ids) {
        new TransactionTemplate(context.getBean(PlatformTransactionManager.class)).executeWithoutResult(status -> {
            for (String id : ids) {
                context.getBean(Outbox.class).append(OutboxEntry.upsert(Aggregate.of("order", id), List.of(id)));
            }
        });
    }

    private static void rollBack(ApplicationContext context, String id) {
        new TransactionTemplate(context.getBean(PlatformTransactionManager.class)).executeWithoutResult(status -> {
            context.getBean(Outbox.class).append(OutboxEntry.upsert(Aggregate.of("order", id), List.of(id)));
            status.setRollbackOnly();
        });
    }
}
