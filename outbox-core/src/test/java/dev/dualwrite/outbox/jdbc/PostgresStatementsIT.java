package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every statement is understood by PostgreSQL, and the hot ones find their rows by index on a filled table. */
class PostgresStatementsIT {

    private static final int SHARDS = Schema.DEFAULT_SHARD_COUNT;
    private static final int ENTRIES = 200_000;
    private static DataSource dataSource;

    private final PostgresStatements statements = new PostgresStatements("dualwrite");

    @BeforeAll
    static void install() throws SQLException {
        var schema = new InstalledSchema("dualwrite");
        dataSource = schema.dataSource();
        schema.execute("SELECT dualwrite.register_sink('copy')");
        schema.execute("INSERT INTO dualwrite.outbox_entry"
                + " (sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload)"
                + " SELECT 1, i % " + SHARDS + ", 1, 'U', 'order', i::text, '\\x00'"
                + " FROM generate_series(1, " + ENTRIES + ") i");
        schema.execute("INSERT INTO dualwrite.held_entry (version, appended_at, attempts, sink_id, shard,"
                + " schema_version, operation, state, next_attempt_at, aggregate_type, aggregate_id, payload)"
                + " SELECT 1000000 + i, now(), 1, 1, i % " + SHARDS + ", 1, 'U', 'backing_off',"
                + " now() + interval '1 hour', 'order', i::text, '\\x00' FROM generate_series(1, 20000) i");
        schema.execute("ANALYZE");
    }

    @TestFactory
    Stream<DynamicTest> everyStatementIsUnderstood() throws IllegalAccessException {
        return all().entrySet().stream()
                .map(s -> DynamicTest.dynamicTest(
                        s.getKey(), () -> assertThat(prepared(s.getValue())).isTrue()));
    }

    @Test
    void claimReadsAShortRangeOfThePrimaryKeyOfEachLane() throws SQLException {
        String plan = plan(statements.claim, c -> new Object[] {
            c.createArrayOf("int2", new Short[] {1, 1}),
            c.createArrayOf("int2", new Short[] {3, 4}),
            c.createArrayOf("int8", new Long[] {0L, 0L}),
            c.createArrayOf("bool", new Boolean[] {true, false}),
            100,
            1_000_000L
        });

        assertThat(plan)
                .contains("outbox_entry_pkey")
                .contains("held_entry_by_aggregate")
                .doesNotContain("Seq Scan on outbox_entry")
                .doesNotContain("Seq Scan on held_entry");
    }

    @Test
    void settleDeletesByPrimaryKeyBehindTheLockOnItsLane() throws SQLException {
        String plan = plan(statements.settle, c -> new Object[] {
            (short) 1, 3, 1L, new java.util.UUID(1, 1), (short) 1, 3, c.createArrayOf("int8", new Long[] {3L, 19L})
        });

        assertThat(plan).contains("outbox_entry_pkey", "LockRows").doesNotContain("Seq Scan on outbox_entry");
    }

    @Test
    void settleMovesByPrimaryKeyToo() throws SQLException {
        var relay = new java.util.UUID(1, 1);
        String plan = plan(statements.settleAndHold, c -> new Object[] {
            (short) 1,
            3,
            1L,
            relay,
            (short) 1,
            3,
            c.createArrayOf("int8", new Long[] {3L, 19L}),
            (short) 1,
            3,
            c.createArrayOf("int8", new Long[] {35L}),
            false,
            c.createArrayOf("int8", new Long[] {35L}),
            c.createArrayOf("text", new String[] {"blocked"}),
            c.createArrayOf("int4", new Integer[] {0}),
            c.createArrayOf("int8", new Long[] {0L}),
            c.createArrayOf("text", new String[] {null}),
            c.createArrayOf("text", new String[] {null})
        });

        assertThat(plan).doesNotContain("Seq Scan on outbox_entry");
        assertThat(plan.split(
                        "Index Cond: \\(\\(sink_id = '1'::smallint\\) AND \\(shard = 3\\) AND \\(sequence = ANY", -1))
                .as("each deletion looks up the numbers alone: %s", plan)
                .hasSize(3);
    }

    @Test
    void promotionLooksUpWhatItChanges() throws SQLException {
        short sink = 1;
        String plan = plan(statements.promoteHeads, c -> new Object[] {
            c.createArrayOf("text", new String[] {"order", "order"}),
            c.createArrayOf("text", new String[] {"3", "19"}),
            sink,
            3,
            sink,
            3,
            true,
            sink,
            3
        });

        assertThat(plan).contains("held_entry_by_aggregate").doesNotContain("Seq Scan on held_entry");
    }

    @Test
    void dueEntriesAreFoundByTheirOwnIndex() throws SQLException {
        short sink = 1;
        String plan = plan(statements.dueEntries, c ->
                new Object[] {sink, 3, 50, sink, 3, sink, 3, 20, sink, 3, 1_000_000L, 1000});

        assertThat(plan).contains("held_entry_due", "held_entry_by_aggregate").doesNotContain("Seq Scan");
    }

    @Test
    void firstHeldAggregatesOfALaneAreReadInTheOrderOfTheirIndex() throws SQLException {
        String plan = plan(statements.heldAggregates, c -> new Object[] {(short) 1, 3, 101});

        assertThat(plan)
                .contains("held_entry_by_aggregate")
                .doesNotContain("Seq Scan")
                .doesNotContain("Sort");
    }

    private Map<String, String> all() throws IllegalAccessException {
        var all = new LinkedHashMap<String, String>();
        for (Field field : PostgresStatements.class.getDeclaredFields()) {
            if (!java.lang.reflect.Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
                all.put(field.getName(), (String) field.get(statements));
            }
        }
        return all;
    }

    /** The server parses and plans it when it is asked for the parameters' types. */
    private static boolean prepared(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            return statement.getParameterMetaData().getParameterCount()
                    == sql.chars().filter(c -> c == '?').count();
        }
    }

    private interface Parameters {
        Object[] of(Connection connection) throws SQLException;
    }

    private static String plan(String sql, Parameters parameters) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement explain = connection.prepareStatement("EXPLAIN " + sql)) {
            Object[] values = parameters.of(connection);
            for (int i = 0; i < values.length; i++) {
                explain.setObject(i + 1, values[i]);
            }
            List<String> lines = new ArrayList<>();
            try (ResultSet row = explain.executeQuery()) {
                while (row.next()) {
                    lines.add(row.getString(1));
                }
            }
            return String.join("\n", lines);
        }
    }
}
