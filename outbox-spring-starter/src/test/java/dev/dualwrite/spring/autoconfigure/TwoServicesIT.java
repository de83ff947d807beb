package dev.dualwrite.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Outbox;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.postgres.TestDatabases;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class TwoServicesIT {

    private final Sql sql = new Sql(TestDatabases.create());

    @Test
    void servicesWithSchemasOfTheirOwnShareNoState() throws SQLException {
        append("orders_outbox", "orders-copy", 8, "order");
        append("billing_outbox", "billing-copy", 32, "invoice");

        assertThat(stateOf("orders_outbox"))
                .isEqualTo("8 | orders-copy 1 | lanes 8 | order | " + String.join(",", Schema.ALL_FILES));
        assertThat(stateOf("billing_outbox"))
                .isEqualTo("32 | billing-copy 1 | lanes 32 | invoice | " + String.join(",", Schema.ALL_FILES));
        assertThat(sql.query("SELECT nspname FROM pg_namespace WHERE oid >= 16384 ORDER BY 1"))
                .containsExactly("billing_outbox", "orders_outbox");
    }

    @Test
    void removingOneLeavesTheOther() throws SQLException {
        append("orders_outbox", "orders-copy", 8, "order");
        append("billing_outbox", "billing-copy", 32, "invoice");

        sql.execute("DROP SCHEMA orders_outbox CASCADE");

        append("billing_outbox", "billing-copy", 32, "invoice");
        assertThat(sql.query("SELECT count(*) FROM billing_outbox.outbox_entry"))
                .containsExactly("2");
    }

    private void append(String schema, String sink, int shardCount, String aggregateType) {
        Starter.at(sql)
                .withPropertyValues(
                        "dualwrite.schema.name=" + schema,
                        "dualwrite.outbox.sinks=" + sink,
                        "dualwrite.shard-count=" + shardCount)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
                            .executeWithoutResult(status -> context.getBean(Outbox.class)
                                    .append(OutboxEntry.delete(new Aggregate(aggregateType, "1"))));
                });
    }

    private String stateOf(String schema) throws SQLException {
        return String.join("", sql.query("""
                        SELECT concat_ws(' | ',
                            (SELECT shard_count FROM s.control),
                            (SELECT string_agg(name || ' ' || sink_id, ',') FROM s.sink),
                            'lanes ' || (SELECT count(*) FROM s.lane),
                            (SELECT string_agg(aggregate_type, ',') FROM s.outbox_entry),
                            (SELECT string_agg(script, ',' ORDER BY installed_rank) FROM s.dualwrite_schema_history))
                        """.replace("s.", schema + ".")));
    }
}
