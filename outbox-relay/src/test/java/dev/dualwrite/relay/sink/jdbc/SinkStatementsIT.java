package dev.dualwrite.relay.sink.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.postgres.PlanStep;
import dev.dualwrite.postgres.PlanWatch;
import dev.dualwrite.postgres.PlanWatch.Mode;
import dev.dualwrite.postgres.RunPlan;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a sink does to a large table finds its rows by index, whether one row or a thousand, planned for its values or for any.
 */
class SinkStatementsIT {

    private static final int ROWS = 100_000;
    private static final int TOMBSTONES = 100_000;

    /**
     * With the values in hand the server reads a whole table, rightly, once that is cheaper than so many look-ups: a thousand
     * rows would make it read tables of this size.
     */
    private static final Map<Mode, Integer> BATCH = Map.of(Mode.CUSTOM, 100, Mode.GENERIC, 1000);

    private static final int MOST_LOOKS = 2000;

    private static PlanWatch watch;
    private static TablePlan one;
    private static TablePlan composite;

    @BeforeAll
    static void fill() throws SQLException {
        var secondary = new Secondary();
        secondary.run(
                "CREATE TABLE orders (id text PRIMARY KEY, amount numeric NOT NULL, note text, dualwrite_version bigint)",
                "CREATE TABLE lines (order_id text, line int, amount numeric, dualwrite_version bigint,"
                        + " PRIMARY KEY (order_id, line))",
                "INSERT INTO orders SELECT 'order-' || i, i, repeat('n', 200), i FROM generate_series(1, " + ROWS
                        + ") AS i",
                "INSERT INTO lines SELECT 'order-' || i / 3, i % 3, i, i FROM generate_series(1, " + ROWS + ") AS i");
        one = plan(secondary, "orders", List.of("id"));
        composite = plan(secondary, "lines", List.of("order_id", "line"));
        secondary.run("INSERT INTO dualwrite_tombstone (table_name, key, version, deleted_at)"
                + " SELECT 'orders', 'gone-' || i, i, now() FROM generate_series(1, " + TOMBSTONES + ") AS i");
        secondary.run("VACUUM ANALYZE");
        watch = new PlanWatch(secondary.dataSource());
    }

    @ParameterizedTest
    @EnumSource
    void upsertLooksUpItsRowsAndTheirTombstones(Mode mode) throws SQLException {
        for (int rows : new int[] {1, BATCH.get(mode)}) {
            check(mode, one.upsert(all(one)), upsert(one, rows), "orders");
            check(mode, composite.upsert(all(composite)), upsert(composite, rows), "lines");
        }
    }

    @ParameterizedTest
    @EnumSource
    void deleteLooksUpItsRowsAndTheirTombstones(Mode mode) throws SQLException {
        for (int rows : new int[] {1, BATCH.get(mode)}) {
            check(mode, one.delete(), delete(one, rows), "orders");
            check(mode, composite.delete(), delete(composite, rows), "lines");
        }
    }

    @ParameterizedTest
    @EnumSource
    void statementThatReadsTheTableWouldBeSeen(Mode mode) {
        String bad = one.delete().replace("target.\"id\" = input.v0", "target.\"id\" || '' = input.v0");

        assertThatThrownBy(() -> check(mode, bad, delete(one, 1), "orders")).hasMessageContaining("rows of");
    }

    private static void check(Mode mode, String sql, Object[] parameters, String table) throws SQLException {
        List<RunPlan> plans = watch.plansOf(mode, sql, parameters);
        assertThat(plans).as("plans of the statement").isNotEmpty();
        for (RunPlan plan : plans) {
            for (String large : List.of(table, "dualwrite_tombstone")) {
                assertThat(plan.scansOf(large))
                        .as(plan.text())
                        .allSatisfy((PlanStep scan) -> assertThat(scan.rowsRead())
                                .as("rows of %s", scan)
                                .isLessThanOrEqualTo(MOST_LOOKS));
            }
        }
    }

    private static TablePlan plan(Secondary secondary, String table, List<String> keys) throws SQLException {
        var rest = new JdbcSinkConfigCheck.Written(JdbcSinkConfig.DEFAULT_VERSION_COLUMN, Duration.ofSeconds(10));
        JdbcSinkConfig config = new JdbcSinkConfigCheck("copy").check(table, keys, Map.of(), rest);
        try (Connection connection = secondary.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            TablePlan plan = new TableInspection(config).plan(connection);
            connection.commit();
            return plan;
        }
    }

    private static BitSet all(TablePlan plan) {
        var present = new BitSet();
        present.set(0, plan.columns().size());
        return present;
    }

    /** Half of the rows are there, the other half is new. */
    private static List<Object> keys(TablePlan plan, int rows) {
        String[] ids = IntStream.range(0, rows)
                .mapToObj(i -> "order-" + (i % 2 == 0 ? i : ROWS + i))
                .sorted()
                .toArray(String[]::new);
        String[] lines = new String[rows];
        Arrays.fill(lines, "1");
        var parameters = new ArrayList<Object>(
                List.of(LongStream.range(ROWS, ROWS + rows).boxed().toArray(Long[]::new), ids, ids));
        if (plan == composite) {
            parameters.add(lines);
        }
        return parameters;
    }

    private static Object[] upsert(TablePlan plan, int rows) {
        List<Object> parameters = keys(plan, rows);
        for (int i = 0; i < plan.columns().size(); i++) {
            String[] values = new String[rows];
            Arrays.fill(values, "1");
            parameters.add(values);
        }
        parameters.add(plan.tombstoneName());
        return parameters.toArray();
    }

    private static Object[] delete(TablePlan plan, int rows) {
        List<Object> parameters = keys(plan, rows);
        parameters.add(plan.tombstoneName());
        return parameters.toArray();
    }
}
