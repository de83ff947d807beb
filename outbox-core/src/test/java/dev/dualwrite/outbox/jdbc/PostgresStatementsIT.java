package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dualwrite.postgres.PlanStep;
import dev.dualwrite.postgres.PlanWatch;
import dev.dualwrite.postgres.PlanWatch.Mode;
import dev.dualwrite.postgres.RunPlan;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every statement finds its rows by index, however large the backlog is: planned for its own values, and planned for any, as
 * the server does with a statement that the driver has prepared.
 */
class PostgresStatementsIT {

    private static final List<String> LARGE_TABLES = List.of("outbox_entry", "held_entry");

    /** No statement has more to do with one table; a lane has 12,500 entries in it, and 1,250 held ones. */
    private static final int MOST_ROWS = 400;

    /** A lane's entries are on some 2,500 pages, its held ones on 500; each row may be on a page of its own. */
    private static final int MOST_PAGES = 3 * MOST_ROWS;

    /**
     * These look at all that is held of a lane, on purpose: when a lane is taken over, and once after a broken-off settle.
     */
    private static final List<String> WHOLE_LANES_OF_HELD = List.of("promoteAllHeads");

    private static final Map<String, String> WITHOUT_PLAN = Map.of(
            "notifyRelays", "NOTIFY reads no table",
            "listenForNotify", "LISTEN reads no table");

    private static PlanWatch watch;

    private final PostgresStatements statements = new PostgresStatements("dualwrite");
    private final Map<String, Object[]> parameters = new StatementParameters().byName();

    @BeforeAll
    static void fill() throws SQLException {
        watch = new FilledOutbox().watch();
    }

    @TestFactory
    Stream<DynamicTest> everyStatementReadsWhatItNeedsByIndex() throws IllegalAccessException {
        Map<String, String> all = all();
        return Stream.of(Mode.values())
                .flatMap(mode -> all.keySet().stream()
                        .filter(name -> !WITHOUT_PLAN.containsKey(name))
                        .map(name -> DynamicTest.dynamicTest(name + ", " + mode, () -> {
                            assertThat(parameters)
                                    .as("parameters of each statement")
                                    .containsKey(name);

                            List<RunPlan> plans = watch.plansOf(mode, all.get(name), parameters.get(name));

                            assertThat(plans).isNotEmpty();
                            assertThat(plans).allSatisfy(plan -> checkLargeTables(name, plan));
                        })));
    }

    @Test
    void whatHasNoPlanIsUnderstood() throws SQLException, IllegalAccessException {
        for (String name : WITHOUT_PLAN.keySet()) {
            assertThat(watch.plansOf(Mode.CUSTOM, all().get(name))).as(name).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void claimReadsAShortRangeOfThePrimaryKeyOfEachLane(Mode mode) throws SQLException {
        RunPlan plan = plan(mode, "claim", statements.claim);

        assertThat(plan.scansOf("outbox_entry"))
                .as(plan.text())
                .singleElement()
                .satisfies(scan -> assertThat(scan.index()).isEqualTo("outbox_entry_pkey"))
                // a hundred of each lane, and the one behind them, at which the sum of the bytes stops
                .satisfies(scan -> assertThat(scan.rowsRead()).isBetween(200L, 202L));
        assertThat(plan.scansOf("held_entry")).extracting(PlanStep::index).containsOnly("held_entry_by_aggregate");
    }

    @ParameterizedTest
    @EnumSource
    void settleDeletesByPrimaryKeyBehindTheLockOnItsLane(Mode mode) throws SQLException {
        RunPlan plan = plan(mode, "settleAndHold", statements.settleAndHold);

        assertThat(plan.steps()).as(plan.text()).extracting(PlanStep::kind).contains("LockRows");
        // By number alone: two deletions, which read no row that they do not delete.
        assertThat(plan.scansOf("outbox_entry")).extracting(PlanStep::index).containsOnly("outbox_entry_pkey");
        assertThat(plan.scansOf("outbox_entry")).extracting(PlanStep::rowsRead).containsExactlyInAnyOrder(2L, 1L);
    }

    @ParameterizedTest
    @EnumSource
    void dueEntriesAreFoundByTheirOwnIndex(Mode mode) throws SQLException {
        RunPlan plan = plan(mode, "dueEntries", statements.dueEntries);

        assertThat(plan.scansOf("held_entry"))
                .as(plan.text())
                .extracting(PlanStep::index)
                .contains("held_entry_due", "held_entry_by_aggregate");
    }

    @ParameterizedTest
    @EnumSource
    void firstHeldAggregatesOfALaneAreReadInTheOrderOfTheirIndex(Mode mode) throws SQLException {
        RunPlan plan = plan(mode, "heldAggregates", statements.heldAggregates);

        assertThat(plan.scansOf("held_entry")).extracting(PlanStep::index).containsExactly("held_entry_by_aggregate");
        assertThat(plan.text()).doesNotContain("Sort");
    }

    @Test
    void statementThatReadsATableOrALaneWouldBeSeen() throws SQLException {
        RunPlan table =
                onlyPlan(Mode.GENERIC, "SELECT count(*) FROM dualwrite.outbox_entry WHERE aggregate_id = ?::text", "3");
        RunPlan lane = onlyPlan(
                Mode.GENERIC,
                "SELECT sequence FROM dualwrite.outbox_entry WHERE sink_id = ? AND shard = ANY(?::smallint[])"
                        + " AND sequence + 0 > ? ORDER BY sequence LIMIT 100",
                FilledOutbox.SINK,
                new Short[] {3, 4},
                0L);

        assertThatThrownBy(() -> checkLargeTables("table", table)).hasMessageContaining("is sequential");
        assertThatThrownBy(() -> checkLargeTables("lane", lane)).hasMessageContaining("rowsRead=25000");
    }

    private static void checkLargeTables(String name, RunPlan plan) {
        for (String table : LARGE_TABLES) {
            boolean whole = table.equals("held_entry") && WHOLE_LANES_OF_HELD.contains(name);
            int lane = whole ? FilledOutbox.HELD / FilledOutbox.SHARDS : 0;
            assertThat(plan.scansOf(table)).as(plan.text()).allSatisfy(scan -> {
                assertThat(scan.isSequential()).as("%s is sequential", scan).isFalse();
                assertThat(scan.rowsRead()).as("rows of %s", scan).isLessThanOrEqualTo(MOST_ROWS + lane);
                assertThat(scan.pages()).as("pages of %s", scan).isLessThanOrEqualTo(MOST_PAGES + 3 * lane);
            });
        }
    }

    private RunPlan plan(Mode mode, String name, String sql) throws SQLException {
        return onlyPlan(mode, sql, parameters.get(name));
    }

    /** Without those of the functions that it calls. */
    private static RunPlan onlyPlan(Mode mode, String sql, Object... values) throws SQLException {
        List<RunPlan> plans = watch.plansOf(mode, sql, values);
        return plans.get(plans.size() - 1);
    }

    private Map<String, String> all() throws IllegalAccessException {
        var all = new LinkedHashMap<String, String>();
        for (Field field : PostgresStatements.class.getDeclaredFields()) {
            if (!Modifier.isPrivate(field.getModifiers()) && field.getType() == String.class) {
                all.put(field.getName(), (String) field.get(statements));
            }
        }
        return all;
    }
}
