package dev.dualwrite.relay.sink.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dualwrite.outbox.Aggregate;
import dev.dualwrite.outbox.Operation;
import dev.dualwrite.outbox.Version;
import dev.dualwrite.outbox.spi.ApplyResult;
import dev.dualwrite.outbox.spi.ClaimedEntry;
import dev.dualwrite.postgres.TestDatabase;
import dev.dualwrite.postgres.TestDatabases;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** A secondary database of a test, and short ways to make entries and to look at what came of them. */
final class Secondary {

    static final ApplyResult APPLIED = ApplyResult.applied();
    static final ApplyResult STALE = ApplyResult.stale();

    private final TestDatabase database = TestDatabases.create();

    TestDatabase database() {
        return database;
    }

    DataSource dataSource() {
        return database.dataSource();
    }

    Secondary run(String... statements) {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
            return this;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The rows, each as its columns joined by commas. */
    List<String> rows(String query) {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            var rows = new ArrayList<String>();
            while (row.next()) {
                var columns = new ArrayList<String>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    columns.add(String.valueOf(row.getString(i)));
                }
                rows.add(String.join(",", columns));
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    String value(String query) {
        return rows(query).get(0);
    }

    JdbcSink.Builder sink(String table, String... keyColumns) {
        return JdbcSink.builder(dataSource()).name("copy").table(table).keyColumns(keyColumns);
    }

    static ClaimedEntry upsert(String id, long version, String payload) {
        return entry(new Aggregate("order", id), version, Operation.UPSERT, payload.getBytes(UTF_8));
    }

    static ClaimedEntry delete(String id, long version) {
        return entry(new Aggregate("order", id), version, Operation.DELETE, null);
    }

    static ClaimedEntry entry(Aggregate aggregate, long version, Operation operation, byte[] payload) {
        return new ClaimedEntry(
                new Version(version),
                aggregate.shard(1),
                aggregate,
                operation,
                payload,
                "order",
                1,
                Map.of(),
                Instant.EPOCH);
    }

    /** As if the aggregate were in that shard. */
    static ClaimedEntry inShard(int shard, ClaimedEntry e) {
        return new ClaimedEntry(
                e.version(),
                shard,
                e.aggregate(),
                e.operation(),
                e.payload(),
                e.payloadType(),
                e.schemaVersion(),
                e.headers(),
                e.appendedAt());
    }
}
