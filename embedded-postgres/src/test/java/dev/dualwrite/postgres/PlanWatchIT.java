package dev.dualwrite.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.postgres.PlanWatch.Mode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PlanWatchIT {

    private static final DataSource DATA_SOURCE = TestDatabases.create().dataSource();
    private static final PlanWatch WATCH = new PlanWatch(DATA_SOURCE);

    @BeforeAll
    static void fill() throws SQLException {
        try (Connection connection = DATA_SOURCE.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE seen (id bigint PRIMARY KEY, other int NOT NULL)");
            statement.execute("INSERT INTO seen SELECT i, i % 10 FROM generate_series(1, 10000) AS i");
            statement.execute("CREATE FUNCTION look(wanted int) RETURNS bigint LANGUAGE plpgsql"
                    + " AS 'BEGIN RETURN (SELECT count(*) FROM seen WHERE other = wanted); END'");
            statement.execute("VACUUM ANALYZE seen");
        }
    }

    @Test
    void sequentialScanIsSeenWithTheRowsThatItsFilterThrewAway() throws SQLException {
        RunPlan plan = WATCH.plansOf(Mode.CUSTOM, "SELECT id FROM seen WHERE other = ?", 3)
                .get(0);

        assertThat(plan.scansOf("seen")).singleElement().satisfies(scan -> {
            assertThat(scan.isSequential()).isTrue();
            assertThat(scan.rowsRead()).isEqualTo(10_000);
            assertThat(scan.pages()).isGreaterThan(40);
        });
    }

    @Test
    void indexScanIsSeenWithItsIndexAndAllItsLoops() throws SQLException {
        String sql = "SELECT s.other FROM unnest(?::bigint[]) AS i (id) CROSS JOIN LATERAL"
                + " (SELECT other FROM seen WHERE seen.id = i.id LIMIT 1) AS s";

        RunPlan plan = WATCH.plansOf(Mode.GENERIC, sql, (Object) new Long[] {1L, 2L, 3L, 20_000L})
                .get(0);

        assertThat(plan.scansOf("seen")).singleElement().satisfies(scan -> {
            assertThat(scan.index()).isEqualTo("seen_pkey");
            assertThat(scan.isSequential()).isFalse();
            assertThat(scan.rowsRead()).isBetween(3L, 4L);
        });
    }

    @Test
    void genericPlanIsForAnyValue() throws SQLException {
        String sql = "SELECT other FROM seen WHERE id = ?";

        assertThat(WATCH.plansOf(Mode.CUSTOM, sql, 7L).get(0).text()).contains("(id = '7'::bigint)");
        assertThat(WATCH.plansOf(Mode.GENERIC, sql, 7L).get(0).text()).contains("(id = $1)");
    }

    @Test
    void statementsOfFunctionsAreSeen() throws SQLException {
        List<RunPlan> plans = WATCH.plansOf(Mode.CUSTOM, "SELECT look(?)", 3);

        assertThat(plans)
                .hasSize(2)
                .anySatisfy(plan -> assertThat(plan.scansOf("seen")).hasSize(1));
    }

    @Test
    void nothingThatIsWatchedStays() throws SQLException {
        WATCH.plansOf(Mode.CUSTOM, "DELETE FROM seen WHERE id = ?", 7L);

        assertThat(WATCH.plansOf(Mode.CUSTOM, "SELECT FROM seen WHERE id = ?", 7L)
                        .get(0)
                        .scansOf("seen"))
                .extracting(PlanStep::rowsRead)
                .containsExactly(1L);
    }

    @Test
    void whatHasNoPlanGivesNone() throws SQLException {
        assertThat(WATCH.plansOf(Mode.CUSTOM, "NOTIFY anything")).isEmpty();
    }
}
