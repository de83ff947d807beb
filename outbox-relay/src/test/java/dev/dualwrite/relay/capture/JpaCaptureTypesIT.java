package dev.dualwrite.relay.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.spi.Sink;
import dev.dualwrite.relay.capture.types.Kinds;
import jakarta.persistence.EntityManagerFactory;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.orm.jpa.EntityManagerFactoryUtils;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Each type that has a Java type, through capture and sink, compared by the servers' own texts of both tables. */
class JpaCaptureTypesIT {

    private static final Captures CAPTURES = new Captures();
    private static final String COLUMNS = """
            id uuid PRIMARY KEY, amount numeric, moment timestamptz, stamp timestamp, day date, clock time, lapse interval,
            nanos numeric(21), texts text[], ints int[], refs uuid[], doc jsonb, bytes bytea, colour colour, flag boolean,
            ratio float8, part float4, number bigint, letter char(1), words text""";
    private static final ApplicationContextRunner SERVICE = service();

    private static final List<String> ONLY_SQL = List.of(
            "moment = 'infinity'",
            "moment = '-infinity'",
            "moment = '1582-10-16 00:00:00+00'",
            "moment = '294276-12-31 23:59:59.999999+00'",
            "stamp = 'infinity'",
            "stamp = '-infinity'",
            "stamp = '10000-01-01 00:00:00'",
            "stamp = '0001-12-31 00:00:00 BC'",
            "day = 'infinity'",
            "day = '-infinity'",
            "day = '5874897-12-31'",
            "day = '4713-01-01 BC'",
            "clock = '24:00'",
            "clock = '00:00:00.000001'",
            "lapse = '-3 hours -0.000001 seconds'",
            "amount = 12345678901234567890123456789012345678901234567890.10",
            "amount = 0.000",
            "doc = '{\"n\": 12345678901234567890.10, \"e\": 1e400, \"null\": null}'",
            "doc = '\"text\"'",
            "texts = '{NULL,\"NULL\",\"\",\"a,b\"}'");

    @EntityScan(basePackageClasses = Kinds.class)
    static class Types {}

    private static ApplicationContextRunner service() {
        String type = "CREATE TYPE colour AS ENUM ('GREEN', 'RED')";
        CAPTURES.ofPrimary.sql(type).update();
        CAPTURES.ofSecondary.sql(type).update();
        CAPTURES.ofPrimary.sql("CREATE TABLE kinds (" + COLUMNS + ")").update();
        CAPTURES.ofSecondary
                .sql("CREATE TABLE kinds (" + COLUMNS + ", dualwrite_version bigint NOT NULL)")
                .update();
        return CAPTURES.service(Types.class)
                .withPropertyValues(
                        "spring.jpa.hibernate.ddl-auto=none",
                        // Without it Hibernate reads by way of java.sql, which has no years before 1 and no fractions
                        // of times.
                        "spring.jpa.properties.hibernate.type.java_time_use_direct_jdbc=true",
                        "dualwrite.relay.max-attempts=1")
                .withBean(
                        "kinds",
                        Sink.class,
                        () -> CAPTURES.sink("kinds", List.of("id")).build());
    }

    @AfterAll
    static void close() {
        CAPTURES.close();
    }

    @Test
    void everyTypeSurvivesTheTrip() {
        SERVICE.run(context -> {
            save(context, kinds -> {});
            save(context, JpaCaptureTypesIT::ordinary);
            save(context, JpaCaptureTypesIT::extreme);
            save(context, JpaCaptureTypesIT::small);
            save(context, kinds -> kinds.words = everyPlane());
            save(context, kinds -> kinds.ratio = Double.NaN);
            save(context, kinds -> kinds.ratio = -0.0);
            save(context, kinds -> kinds.part = Float.NEGATIVE_INFINITY);

            CAPTURES.awaitDrained();
            assertEqual();
        });
    }

    @Test
    void valuesThatOnlySqlWritesSurviveTheTrip() {
        SERVICE.run(context -> {
            ONLY_SQL.forEach(each -> set(context, each));

            CAPTURES.awaitDrained();
            assertEqual();
        });
    }

    @Test
    void valueThatTheJavaTypeCannotHoldMakesTheEntryDead() {
        SERVICE.run(context -> {
            UUID nan = set(context, "amount = 'NaN'");
            UUID infinite = set(context, "amount = 'Infinity'");

            await().until(() -> isDead(nan, "NaN") && isDead(infinite, "Infinity"));
            CAPTURES.ofPrimary.sql("DELETE FROM dualwrite.held_entry").update();
            CAPTURES.ofPrimary
                    .sql("DELETE FROM kinds WHERE amount >= 'Infinity'")
                    .update();
            CAPTURES.ofSecondary
                    .sql("DELETE FROM kinds WHERE id IN (?, ?)")
                    .params(nan, infinite)
                    .update();
        });
    }

    private static boolean isDead(UUID id, String reason) {
        return CAPTURES.dead().stream().anyMatch(each -> each.startsWith("kinds:" + id + " ") && each.contains(reason));
    }

    /** Writes a row with a value that is set by SQL, and says that it changed. */
    private static UUID set(ApplicationContext context, String assignment) {
        UUID id = save(context, kinds -> {});
        CAPTURES.ofPrimary
                .sql("UPDATE kinds SET " + assignment + " WHERE id = ?")
                .param(id)
                .update();
        transaction(context)
                .executeWithoutResult(status ->
                        context.getBean(Outbox.class).append(OutboxEntry.reference(Aggregate.of("kinds", id))));
        return id;
    }

    private static UUID save(ApplicationContext context, Consumer<Kinds> values) {
        var kinds = new Kinds(UUID.randomUUID());
        values.accept(kinds);
        transaction(context)
                .executeWithoutResult(status -> EntityManagerFactoryUtils.getTransactionalEntityManager(
                                context.getBean(EntityManagerFactory.class))
                        .persist(kinds));
        return kinds.id;
    }

    private static TransactionTemplate transaction(ApplicationContext context) {
        return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
    }

    private static void assertEqual() {
        // The text of a whole row, by the server.
        String rows =
                "SELECT (id, amount, moment, stamp, day, clock, lapse, nanos, texts, ints, refs, doc, bytes, colour, flag,"
                        + " ratio, part, number, letter, words)::text FROM kinds ORDER BY id";
        List<String> primary = CAPTURES.ofPrimary.sql(rows).query(String.class).list();
        assertThat(CAPTURES.ofSecondary.sql(rows).query(String.class).list())
                .isNotEmpty()
                .containsExactlyElementsOf(primary);
    }

    private static void ordinary(Kinds kinds) {
        kinds.amount = new BigDecimal("1.10");
        kinds.moment = Instant.parse("2026-03-29T01:30:00.123456Z");
        kinds.stamp = LocalDateTime.parse("2026-03-29T02:30:00.1");
        kinds.day = LocalDate.parse("2026-03-29");
        kinds.clock = LocalTime.parse("02:30:00");
        kinds.lapse = Duration.parse("PT26H3M4.000005S");
        kinds.nanos = Duration.ofNanos(-1_000_000_001);
        kinds.texts = new String[] {"a", null, "", "NULL", "q\"\\,{}"};
        kinds.ints = new int[] {0, Integer.MIN_VALUE, Integer.MAX_VALUE};
        kinds.refs = List.of(new UUID(1, 2), new UUID(-1, -2));
        kinds.doc = "{\"a\": [1.50, null, true], \"\": {}}";
        kinds.bytes = new byte[] {0, 1, -1, '\\', '\''};
        kinds.colour = Kinds.Colour.RED;
        kinds.flag = false;
        kinds.ratio = 0.1;
        kinds.part = 0.1f;
        kinds.number = Long.MIN_VALUE;
        kinds.letter = '\'';
        kinds.words = "";
    }

    private static void extreme(Kinds kinds) {
        kinds.amount = new BigDecimal("1E+30");
        kinds.moment = Instant.parse("+10000-01-01T00:00:00Z");
        kinds.stamp = LocalDateTime.parse("+20000-12-31T23:59:59.999999");
        kinds.day = LocalDate.parse("-0043-03-15");
        kinds.clock = LocalTime.parse("23:59:59.999999");
        kinds.lapse = Duration.ofDays(1000).negated();
        kinds.nanos = Duration.ofDays(100_000);
        kinds.texts = new String[0];
        kinds.ints = new int[0];
        kinds.refs = List.of();
        kinds.doc = "[]";
        kinds.bytes = new byte[0];
        kinds.ratio = Double.MAX_VALUE;
        kinds.part = Float.MAX_VALUE;
        kinds.number = Long.MAX_VALUE;
    }

    private static void small(Kinds kinds) {
        kinds.amount = new BigDecimal("-0.00000000000000000000000000001");
        kinds.moment = Instant.EPOCH;
        kinds.ratio = Double.MIN_VALUE;
        kinds.part = Float.MIN_VALUE;
        kinds.number = 0L;
    }

    private static String everyPlane() {
        var text = new StringBuilder("\u0001\t\n\u00e4\u0301\u202e\ufeff\uffff");
        IntStream.rangeClosed(0, 16).map(plane -> (plane << 16) + 0xFFFD).forEach(text::appendCodePoint);
        return text.appendCodePoint(0x10FFFF).appendCodePoint(0x1F600).toString();
    }
}
