package dev.dualwrite.spring.transaction;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.Routing.AggregateRule;
import dev.dualwrite.outbox.Routing.Ordering;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * An outbox installed in a database of its own, and what a test wants to know of it. It looks through connections of its
 * own, never through the one of a transaction under test.
 */
final class TestOutbox {

    static final int MAX_PAYLOAD_BYTES = 1000;

    private final TestDatabase database;
    private final JdbcTemplate jdbc;
    private final Routing routing;

    private TestOutbox(TestDatabase database, JdbcTemplate jdbc, Routing routing) {
        this.database = database;
        this.jdbc = jdbc;
        this.routing = routing;
    }

    /** With one sink, "copy"; aggregates of type "locked" have {@code ordering = LOCK}. */
    static TestOutbox install() {
        TestDatabase database = TestDatabases.create();
        var jdbc = new JdbcTemplate(database.dataSource());
        jdbc.execute("CREATE SCHEMA dualwrite");
        jdbc.execute(Schema.script("dualwrite", 16));
        return in(database);
    }

    /** The one that is installed there already. */
    static TestOutbox in(TestDatabase database) {
        DataSource dataSource = database.dataSource();
        Map<String, Short> sinks = new ControlStore(dataSource, "dualwrite").registerSinks(List.of("copy"));
        var routing = new Routing(sinks, Set.of("copy"), Map.of("locked", new AggregateRule(Set.of(), Ordering.LOCK)));
        return new TestOutbox(database, new JdbcTemplate(dataSource), routing);
    }

    TestDatabase database() {
        return database;
    }

    /** As a service has it. Close it. */
    HikariDataSource pool() {
        var pool = new HikariDataSource();
        pool.setDataSource(database.dataSource());
        pool.setMaximumPoolSize(20);
        return pool;
    }

    JdbcTemplate jdbc() {
        return jdbc;
    }

    Routing routing() {
        return routing;
    }

    /** Payloads are written as their text. */
    EntryWriter writer() {
        return new EntryWriter(
                "dualwrite", 16, routing, payload -> payload.toString().getBytes(UTF_8), MAX_PAYLOAD_BYTES);
    }

    void clear() {
        jdbc.update("DELETE FROM dualwrite.outbox_entry");
    }

    /** Everything that is committed, in the order of its numbers. */
    List<Row> entries() {
        return jdbc.query(
                """
                SELECT sequence, xid::text::bigint AS xid, aggregate_id, operation, convert_from(payload, 'UTF8') AS payload
                FROM dualwrite.outbox_entry
                ORDER BY sequence
                """,
                (row, n) -> new Row(
                        row.getLong("sequence"),
                        row.getLong("xid"),
                        row.getString("aggregate_id"),
                        row.getString("operation"),
                        row.getString("payload")));
    }

    List<String> payloads() {
        return entries().stream().map(Row::payload).toList();
    }

    record Row(long sequence, long xid, String aggregate, String operation, String payload) {}
}
