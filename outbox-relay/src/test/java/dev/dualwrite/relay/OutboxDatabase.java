package dev.dualwrite.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.OutboxEntry;
import dev.dualwrite.outbox.Routing;
import dev.dualwrite.outbox.jdbc.ControlStore;
import dev.dualwrite.outbox.jdbc.EntryWriter;
import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A fresh database with an outbox in it, and a writer that appends as a service would, in a transaction. */
final class OutboxDatabase implements AutoCloseable {

    static final int SHARDS = 4;

    private final TestDatabase database = TestDatabases.create();
    private final HikariDataSource pool;
    private final Map<String, Short> sinkIds;
    private final EntryWriter writer;
    final JdbcClient sql;

    OutboxDatabase(String... sinks) {
        this(SHARDS, 12, sinks);
    }

    OutboxDatabase(int shards, int connections, String... sinks) {
        var config = new HikariConfig();
        config.setDataSource(database.dataSource());
        config.setMaximumPoolSize(connections);
        pool = new HikariDataSource(config);
        sql = JdbcClient.create(pool);
        sql.sql("CREATE SCHEMA dualwrite").update();
        sql.sql(Schema.script("dualwrite", shards)).update();
        sinkIds = new ControlStore(pool, "dualwrite").registerSinks(List.of(sinks));
        writer = new EntryWriter(
                "dualwrite",
                shards,
                new Routing(sinkIds, Set.of(sinks), Map.of()),
                payload -> payload.toString().getBytes(UTF_8),
                1_000_000);
    }

    TestDatabase database() {
        return database;
    }

    DataSource dataSource() {
        return pool;
    }

    short sinkId(String sink) {
        return sinkIds.get(sink);
    }

    /** Appends and commits. */
    void append(OutboxEntry... entries) {
        try (Connection connection = begin()) {
            append(connection, entries);
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A connection with an open transaction; the caller commits or rolls back, and closes. */
    Connection begin() throws SQLException {
        Connection connection = pool.getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    void append(Connection connection, OutboxEntry... entries) {
        writer.write(connection, writer.encode(Arrays.asList(entries)));
    }

    long hotEntries() {
        return count("SELECT count(*) FROM dualwrite.outbox_entry");
    }

    long heldEntries() {
        return count("SELECT count(*) FROM dualwrite.held_entry");
    }

    long count(String query) {
        return sql.sql(query).query(Long.class).single();
    }

    /** Ends every session that there is, when it is at rest, but for transactions that are open; others take their place. */
    void endSessions() {
        String now =
                sql.sql("SELECT clock_timestamp()::text").query(String.class).single();
        pool.getHikariPoolMXBean().softEvictConnections();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> count("SELECT count(*) FROM pg_stat_activity"
                                + " WHERE datname = current_database() AND backend_type = 'client backend'"
                                + " AND state <> 'idle in transaction' AND backend_start < '" + now + "'")
                        == 0);
    }

    static OutboxEntry order(Object id, Object payload) {
        return OutboxEntry.upsert(Aggregate.of("order", id), payload);
    }

    @Override
    public void close() {
        pool.close();
    }
}
