package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.PayloadCodecException;
import dev.dualwrite.outbox.PayloadType;
import dev.dualwrite.postgres.TestDatabases;
import dev.dualwrite.spring.avro.AvroAutoConfiguration;
import java.io.IOException;
import java.sql.SQLException;
import java.util.function.UnaryOperator;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData.Record;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What an entry says of its payload, and what happens to one that cannot be written. */
class PayloadTypesIT {

    private static final Aggregate ORDER = new Aggregate("order", "1");
    private static final String AVRO = "dualwrite.avro.schemas=classpath*:avro/*.avsc";

    private final Sql sql = new Sql(TestDatabases.create());
    private final ApplicationContextRunner service = Starter.at(sql)
            .withConfiguration(AutoConfigurations.of(AvroAutoConfiguration.class))
            .withPropertyValues("dualwrite.outbox.sinks=copy");

    @PayloadType(value = "purchase", version = 2)
    record Purchase(String status) {}

    @PayloadType(value = "purchase", version = 2)
    record RenamedAndMoved(String status) {}

    @Test
    void renamedClassChangesNothingInTheEntry() throws SQLException {
        service.run(context -> {
            append(context, new Purchase("NEW"), entry -> entry);
            append(context, new RenamedAndMoved("NEW"), entry -> entry);
        });

        assertThat(sql.query("SELECT DISTINCT payload_type || ' ' || schema_version || ' '"
                        + " || convert_from(payload, 'UTF8') FROM dualwrite.outbox_entry"))
                .containsExactly("purchase 2 {\"status\":\"NEW\"}");
    }

    @Test
    void twoDifferentStatementsFailTheTransactionWithTheAggregateNamed() {
        service.run(context -> assertThatExceptionOfType(PayloadCodecException.class)
                .isThrownBy(() -> append(context, new Purchase("NEW"), entry -> entry.payloadType("purchase", 1)))
                .withMessageContaining("payload of 'UPSERT order:1'")
                .withMessageContaining("the entry says payload type 'purchase' version 1")
                .satisfies(e -> assertThat(e.aggregate()).isEqualTo(ORDER)));
    }

    @Test
    void avroRecordIsWrittenInBinaryAndEverythingElseAsJson() throws SQLException {
        service.withPropertyValues(AVRO).run(context -> {
            append(context, new Purchase("NEW"), entry -> entry);
            append(context, line("sku-1"), entry -> entry.payloadType("line", 1));
        });

        assertThat(sql.query(
                        "SELECT encode(substr(payload, 1, 2), 'hex') FROM dualwrite.outbox_entry ORDER BY sequence"))
                .containsExactly("7b22", "c301");
    }

    @Test
    void valueThatAvroCannotWriteRollsTheBusinessTransactionBackWithTheAggregateNamed() throws SQLException {
        sql.execute("CREATE TABLE domain (id text)");
        service.withPropertyValues(AVRO)
                .run(context -> assertThatExceptionOfType(PayloadCodecException.class)
                        .isThrownBy(() -> append(context, line(42), entry -> entry))
                        .withMessageContaining("payload of 'UPSERT order:1'")
                        .withMessageContaining(
                                "a value of Avro record dev.dualwrite.test.Line2 does not fit its schema")
                        .satisfies(e -> assertThat(e.aggregate()).isEqualTo(ORDER)));

        assertThat(sql.query("SELECT id FROM domain")).isEmpty();
        assertThat(sql.query("SELECT 1 FROM dualwrite.outbox_entry")).isEmpty();
    }

    @Test
    void oversizeAvroPayloadRollsTheBusinessTransactionBack() throws SQLException {
        sql.execute("CREATE TABLE domain (id text)");
        service.withPropertyValues(AVRO, "dualwrite.outbox.payload-max-size=100B")
                .run(context -> assertThatExceptionOfType(PayloadCodecException.class)
                        .isThrownBy(() -> append(context, line("x".repeat(100)), entry -> entry))
                        .withMessageContaining("payload of 'UPSERT order:1' has 112 bytes, at most 100"));

        assertThat(sql.query("SELECT id FROM domain")).isEmpty();
    }

    @Test
    void schemaFilesThatAreNotThereAreAMistakeAtTheStart() {
        service.withPropertyValues("dualwrite.avro.schemas=classpath*:nowhere/*.avsc", "dualwrite.shard-count=5000")
                .run(context -> assertThat(Starter.rootOf(context.getStartupFailure()))
                        .hasMessageContaining("dualwrite.shard-count is 5000")
                        .hasMessageContaining("'classpath*:nowhere/*.avsc', but there is no such file"));
    }

    @Test
    void schemasWithoutAvroAreAMistakeAtTheStart() {
        service.withPropertyValues(AVRO)
                .withClassLoader(new FilteredClassLoader("org.apache.avro"))
                .run(context -> assertThat(Starter.rootOf(context.getStartupFailure()))
                        .hasMessageContaining("Apache Avro is not on the class path"));
    }

    private static Record line(Object sku) {
        try (var in = PayloadTypesIT.class.getResourceAsStream("/avro/line.avsc")) {
            var line = new Record(new Schema.Parser().parse(in));
            line.put("sku", sku);
            return line;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void append(ApplicationContext context, Object payload, UnaryOperator<OutboxEntry> change) {
        new TransactionTemplate(context.getBean(PlatformTransactionManager.class)).executeWithoutResult(status -> {
            var jdbc = context.getBean(JdbcTemplate.class);
            jdbc.execute("CREATE TABLE IF NOT EXISTS domain (id text)");
            jdbc.update("INSERT INTO domain VALUES ('1')");
            context.getBean(Outbox.class).append(change.apply(OutboxEntry.upsert(ORDER, payload)));
        });
    }
}
