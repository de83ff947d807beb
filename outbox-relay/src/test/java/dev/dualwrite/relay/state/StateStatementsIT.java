package dev.dualwrite.relay.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.Schema;
import dev.dualwrite.postgres.PlanStep;
import dev.dualwrite.postgres.PlanWatch;
import dev.dualwrite.postgres.PlanWatch.Mode;
import dev.dualwrite.postgres.RunPlan;
import dev.dualwrite.postgres.TestDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** States are found by the index of their key, one row or a thousand, planned for the values or for any. */
class StateStatementsIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final DataSource PRIMARY = TestDatabases.create().dataSource();

    @BeforeAll
    static void fill() throws SQLException {
        execute("CREATE SCHEMA dualwrite");
        execute(Schema.script("dualwrite", 4));
        execute("CREATE TABLE line (order_id text, no smallint, note text, PRIMARY KEY (order_id, no));"
                + " INSERT INTO line SELECT 'order-' || i / 3, i % 3, repeat('n', 100) FROM generate_series(1, 50000) AS i;"
                + " ANALYZE line");
    }

    @ParameterizedTest
    @EnumSource
    void everyKeyIsOneLookIntoTheIndex(Mode mode) throws SQLException {
        for (int keys : List.of(1, 1000)) {
            var reader = new TableReader(PRIMARY, "dualwrite");
            TablePlan plan = reader.plan(new StateTable("line", null, "line", List.of("order_id", "no")), TIMEOUT);

            List<RunPlan> plans = new PlanWatch(PRIMARY)
                    .plansOf(
                            mode,
                            reader.statements().load(plan),
                            8_000_000L,
                            1_000_000L,
                            8_000_000L,
                            1_000_000L,
                            IntStream.range(0, keys).mapToObj(i -> "order-" + i).toArray(String[]::new),
                            IntStream.range(0, keys)
                                    .mapToObj(i -> Integer.toString(i % 3))
                                    .toArray(String[]::new));

            RunPlan last = plans.get(plans.size() - 1);
            assertThat(last.scansOf("line"))
                    .as(last.text())
                    .singleElement()
                    .satisfies(scan -> assertThat(scan.index()).isEqualTo("line_pkey"))
                    .extracting(PlanStep::rowsRead)
                    .satisfies(rows -> assertThat(rows).isLessThanOrEqualTo((long) keys));
        }
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = PRIMARY.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
