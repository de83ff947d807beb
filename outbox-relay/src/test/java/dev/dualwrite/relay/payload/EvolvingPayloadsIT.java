package dev.dualwrite.relay.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.Projection;
import dev.dualwrite.outbox.spi.Upcaster;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.relay.autoconfigure.RelayAutoConfiguration;
import dev.dualwrite.spring.autoconfigure.DualwriteAutoConfiguration;
import dev.dualwrite.spring.avro.AvroAutoConfiguration;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData.Record;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Payloads in Avro, of two versions, from a service to a table of the secondary, through a service that embeds its relay. */
class EvolvingPayloadsIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final TestDatabase primary = TestDatabases.create();
    private final TestDatabase secondary = TestDatabases.create();
    private final JdbcClient source = JdbcClient.create(primary.dataSource());
    private final JdbcClient copy = JdbcClient.create(secondary.dataSource());

    @Test
    void avroPayloadsOfBothVersionsReachTheSecondaryInItsShape() {
        table();
        relay().run(service -> {
            append(service, "1", order("order-v1.avsc", "NEW", "12.50"), 1);
            Record second = order("order-v2.avsc", "PAID", "99999999999999999.99");
            second.put("currency", "USD");
            append(service, "2", second, 2);

            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(rows())
                            .containsExactly(
                                    "1 NEW 12.50 EUR 2026-11-21 10:00:00.000001+00",
                                    "2 PAID 99999999999999999.99 USD 2026-11-21 10:00:00.000001+00"));
        });
    }

    @Test
    void aggregateThatHasNoPlaceInTheSecondaryIsRemovedThere() {
        table();
        relay().run(service -> {
            append(service, "1", order("order-v1.avsc", "NEW", "12.50"), 1);
            await().atMost(SOON).untilAsserted(() -> assertThat(rows()).hasSize(1));

            append(service, "1", order("order-v1.avsc", "DRAFT", "12.50"), 1);

            await().atMost(SOON).untilAsserted(() -> assertThat(rows()).isEmpty());
        });
    }

    @Test
    void entryOnWhichTheProjectionFailsIsDeadWithTheReasonAndOthersGoOn() {
        table();
        relay().run(service -> {
            append(service, "1", order("order-v1.avsc", "BROKEN", "1.00"), 1);
            append(service, "2", order("order-v1.avsc", "NEW", "2.00"), 1);

            await().atMost(SOON).untilAsserted(() -> {
                assertThat(rows()).singleElement().asString().startsWith("2 NEW");
                assertThat(dead()).singleElement().asString().contains("projection 'orders' version 1 fails on it");
            });
        });
    }

    @Test
    void schemaThatTheRelayDoesNotKnowWaitsAndIsDeadAfterTheGrace() {
        table();
        // The relay of an older release, beside a newer service.
        service("dualwrite.avro.schemas=classpath*:avro/*.avsc", "dualwrite.relay.enabled=false")
                .run(service -> {
                    Record newer = order("order-v2.avsc", "NEW", "12.50");
                    newer.put("currency", "USD");
                    append(service, "1", newer, 2);
                });

        relay("classpath*:avro/order-v1.avsc")
                .withPropertyValues("dualwrite.relay.unknown-grace=1s", "dualwrite.relay.poll-interval=100ms")
                .run(old -> await().atMost(SOON)
                        .untilAsserted(() -> assertThat(dead())
                                .singleElement()
                                .asString()
                                .contains("which is not among those of dualwrite.avro.schemas")));
        assertThat(rows()).isEmpty();
    }

    private void table() {
        copy.sql("""
                        CREATE TABLE orders (
                            id text PRIMARY KEY, state text, amount numeric(20, 2), currency text, placed timestamptz,
                            dualwrite_version bigint NOT NULL)
                        """).update();
    }

    private ApplicationContextRunner relay() {
        return relay("classpath*:avro/*.avsc");
    }

    private ApplicationContextRunner relay(String schemas) {
        return service("dualwrite.avro.schemas=" + schemas)
                .withBean(Upcaster.class, AddCurrency::new)
                .withBean("orders", Projection.class, OrdersProjection::new);
    }

    private ApplicationContextRunner service(String... properties) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        DataSourceTransactionManagerAutoConfiguration.class,
                        TransactionAutoConfiguration.class,
                        JacksonAutoConfiguration.class,
                        AvroAutoConfiguration.class,
                        DualwriteAutoConfiguration.class,
                        RelayAutoConfiguration.class))
                .withPropertyValues(
                        "spring.datasource.url=" + primary.url(),
                        "spring.datasource.username=" + primary.user(),
                        "spring.datasource.password=" + primary.password(),
                        "spring.datasource.hikari.maximum-pool-size=3",
                        "dualwrite.relay.lease-duration=4s",
                        "dualwrite.relay.sink-timeout=1s",
                        "dualwrite.sinks.copy.type=jdbc",
                        "dualwrite.sinks.copy.url=" + secondary.url(),
                        "dualwrite.sinks.copy.username=" + secondary.user(),
                        "dualwrite.sinks.copy.password=" + secondary.password(),
                        "dualwrite.sinks.copy.table=orders",
                        "dualwrite.sinks.copy.key-columns=id",
                        "dualwrite.sinks.copy.projection=orders")
                .withPropertyValues(properties);
    }

    private static Record order(String file, String status, String total) {
        try (var in = EvolvingPayloadsIT.class.getResourceAsStream("/avro/" + file)) {
            var order = new Record(new Schema.Parser().parse(in));
            order.put("status", status);
            order.put("total", new BigDecimal(total));
            order.put("placed_at", Instant.parse("2026-11-21T10:00:00.000001Z"));
            return order;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void append(ApplicationContext service, String id, Record payload, int version) {
        new TransactionTemplate(service.getBean(PlatformTransactionManager.class))
                .executeWithoutResult(status -> service.getBean(Outbox.class)
                        .append(OutboxEntry.upsert(new Aggregate("order", id), payload)
                                .payloadType("order", version)));
    }

    private List<String> rows() {
        return copy.sql("""
                        SELECT concat_ws(' ', id, state, amount, currency, placed AT TIME ZONE 'UTC' || '+00')
                        FROM orders ORDER BY id
                        """).query(String.class).list();
    }

    private List<String> dead() {
        return source.sql("SELECT error_message FROM dualwrite.held_entry WHERE state = 'dead'")
                .query(String.class)
                .list();
    }

    /** Version 2 has a currency. */
    private static final class AddCurrency implements Upcaster {
        @Override
        public String payloadType() {
            return "order";
        }

        @Override
        public int fromVersion() {
            return 1;
        }

        @Override
        public Map<String, Object> upcast(Map<String, Object> payload) {
            payload.put("currency", "EUR");
            return payload;
        }
    }

    /** Orders as the secondary has them: other names, and no drafts. */
    static final class OrdersProjection implements Projection {
        @Override
        public String name() {
            return "orders";
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public Map<String, Integer> takes() {
            return Map.of("order", 2);
        }

        @Override
        public Optional<Map<String, Object>> project(Source source) {
            Map<String, Object> order = source.state();
            return switch ((String) order.get("status")) {
                case "DRAFT" -> Optional.empty();
                case "NEW", "PAID" -> Optional.of(shaped(order));
                default -> throw new IllegalArgumentException("status " + order.get("status"));
            };
        }

        private static Map<String, Object> shaped(Map<String, Object> order) {
            var shaped = new LinkedHashMap<String, Object>(); // Map.of takes no null
            shaped.put("state", order.get("status"));
            shaped.put("amount", order.get("total"));
            shaped.put("currency", order.get("currency"));
            shaped.put("placed", order.get("placed_at"));
            return shaped;
        }

        @Override
        public List<Source> samples() {
            return List.of(sample("NEW"), sample("DRAFT"));
        }

        private static Source sample(String status) {
            return new Source(
                    new Aggregate("order", "1"),
                    Map.of(
                            "status",
                            status,
                            "total",
                            new BigDecimal("12.50"),
                            "currency",
                            "EUR",
                            "placed_at",
                            "2026-11-21T10:00:00Z"));
        }
    }
}
