package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a look costs does not grow with what is looked at: pages read of an outbox with twenty thousand hot and as many held
 * entries, and with ten times as many of both. Pages and not time, so that a busy machine changes nothing.
 */
class ViewCostIT {

    private static final int SMALL = 20_000;
    private static final int LARGE = 200_000;
    private static final Pattern PAGES = Pattern.compile("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?");
    private static final Pattern TIME = Pattern.compile("Execution Time: ([0-9.]+) ms");

    /** What the console and the actuator run. */
    private static final OperatorStatements STORE = new OperatorStatements("dualwrite");

    private static OperatorScene small;
    private static OperatorScene large;

    static List<String> looks() {
        var operator = new OperatorStatements("dualwrite");
        return List.of(
                operator.relays,
                bound(operator.lanes, "'copy'", "'copy'"),
                bound(operator.stuckByIds, "'{100000100,100000110,100000111}'"),
                bound(operator.content, "100000100"),
                bound(operator.audit, "1000000000", "50"),
                "SELECT * FROM dualwrite.stuck_entries LIMIT 100",
                "SELECT * FROM dualwrite.stuck_entries WHERE sink = 'copy' AND state = 'dead' LIMIT 100",
                "SELECT * FROM dualwrite.stuck_entries WHERE sink = 'search' AND state = 'blocked' LIMIT 100",
                "SELECT * FROM dualwrite.stuck_entries WHERE sink = 'copy' AND state = 'overdue' LIMIT 100",
                "SELECT * FROM dualwrite.stuck_entries WHERE aggregate_type = 'order' AND aggregate_id = 'h77'",
                "SELECT * FROM dualwrite.stuck_entries WHERE entry_id = 100000100",
                "SELECT * FROM dualwrite.stuck_entries WHERE sink = 'rare' AND state = 'dead' ORDER BY age DESC LIMIT 100",
                "SELECT * FROM dualwrite.oldest_stuck('copy', 'dead', 100)",
                "SELECT * FROM dualwrite.oldest_stuck('search', 'overdue', 100)",
                "SELECT * FROM dualwrite.oldest_stuck()",
                "SELECT * FROM dualwrite.oldest_stuck(after_entry => 100000500)",
                with(STORE.oldest, "'copy'", "'dead'", "101", "-9223372036854775808"),
                with(STORE.oldest, "NULL", "NULL", "101", "100000500"),
                with(STORE.oldest, "NULL", "NULL", "2000", "-9223372036854775808"),
                with(
                        STORE.stuckOfAggregate,
                        "'order'",
                        "'h77'",
                        "0",
                        "NULL",
                        "NULL",
                        "'copy'",
                        "'copy'",
                        "NULL",
                        "NULL",
                        "101"),
                with(STORE.stuckByIds, "'{100000100,100000110,7}'"),
                with(STORE.content, "100000100"),
                with(STORE.audit, "9223372036854775807", "101"),
                with(STORE.lanes, "NULL", "NULL"),
                STORE.relays,
                "SELECT * FROM dualwrite.shards",
                "SELECT * FROM dualwrite.relays",
                "SELECT * FROM dualwrite.sinks",
                "SELECT * FROM dualwrite.audit ORDER BY at DESC LIMIT 50");
    }

    private static String with(String statement, String... values) {
        String look = statement;
        for (String value : values) {
            look = look.replaceFirst("\\?", value);
        }
        assertThat(look).doesNotContain("?");
        return look;
    }

    @BeforeAll
    static void fill() throws SQLException {
        small = filled(SMALL, SMALL);
        large = filled(LARGE, LARGE);
    }

    @ParameterizedTest
    @MethodSource("looks")
    void lookReadsNoMorePagesOfALargeOutbox(String look) throws SQLException {
        assertThat(pages(large, look)).as(look).isLessThanOrEqualTo(mostPages(look));
    }

    @Test
    void backlogReadsIndexesOnlyUpToWhereItCounts() throws SQLException {
        String look = "SELECT * FROM dualwrite.backlog";

        // A page of an index has some 100 to 270 entries, so what is counted of three sinks fits in far fewer than
        // these.
        assertThat(pages(large, look)).isLessThan(3 * 100_000 / 60);
        assertThat(plan(large, look)).doesNotContain("Seq Scan on held_entry", "Seq Scan on outbox_entry");
    }

    @Test
    void lookThatReadsEverythingWouldBeSeen() throws SQLException {
        String look = "SELECT * FROM dualwrite.stuck_entries WHERE error_message = 'none has this'";

        assertThat(pages(large, look)).isGreaterThan(mostPages(look));
    }

    @Test
    void heldEntriesAreCountedAndAboveThatEstimatedWithFewDeadOnesToldExactly() throws SQLException {
        assertThat(small.rows("SELECT entries, estimated, dead, blocked, backing_off FROM $.backlog ORDER BY sink"))
                .containsExactly(counted(small, 1, "f"), counted(small, 3, "f"), counted(small, 2, "f"));
        assertThat(large.rows("SELECT dead, estimated FROM $.backlog WHERE sink = 'rare'"))
                .containsExactly("7 | f");

        Map<String, Long> exact = states();
        assertThat(large.value("SELECT estimated FROM $.backlog WHERE sink = 'copy'"))
                .isEqualTo("t");
        assertThat(Long.parseLong(large.value("SELECT dead FROM $.backlog WHERE sink = 'copy'")))
                .isEqualTo(exact.get("dead"));
        assertThat(Long.parseLong(large.value("SELECT blocked FROM $.backlog WHERE sink = 'copy'")))
                .isBetween(exact.get("blocked") * 8 / 10, exact.get("blocked") * 12 / 10);
    }

    /** The figures of docs/performance.md, printed: the median of nine, after one that fills the caches. */
    @Test
    @EnabledIfSystemProperty(named = "dualwrite.measure-views", matches = "true")
    void looksAtTenMillionHotAndAMillionHeldEntriesAreMeasured() throws SQLException {
        OperatorScene huge = filled(10_000_000, 1_000_000);
        var all = new ArrayList<>(looks());
        all.add("SELECT * FROM dualwrite.backlog");
        all.add(
                "SELECT * FROM dualwrite.stuck_entries WHERE sink = 'copy' AND state = 'dead' ORDER BY age DESC LIMIT 100");

        for (String look : all) {
            var times = new ArrayList<Double>();
            long pages = pages(huge, look);
            for (int i = 0; i < 9; i++) {
                var time = TIME.matcher(plan(huge, look));
                assertThat(time.find()).isTrue();
                times.add(Double.valueOf(time.group(1)));
            }
            Collections.sort(times);
            System.out.println(String.format(
                    Locale.ROOT,
                    "| `%s` | %.1f ms | %,d |",
                    look.replace("dualwrite.", "").strip().replaceAll("\\s+", " "),
                    times.get(4),
                    pages));
        }
    }

    private static String bound(String statement, String... values) {
        String bound = statement;
        for (String value : values) {
            bound = bound.replaceFirst("\\?", value);
        }
        return bound;
    }

    private static Map<String, Long> states() throws SQLException {
        var states = new LinkedHashMap<String, Long>();
        for (String row : large.rows("SELECT state, count(*) FROM $.held_entry WHERE sink_id = 1 GROUP BY state")) {
            String[] cells = row.split(" \\| ");
            states.put(cells[0], Long.valueOf(cells[1]));
        }
        return states;
    }

    private static String counted(OperatorScene scene, int sink, String estimated) throws SQLException {
        return scene.value("""
                SELECT concat_ws(' | ', (SELECT count(*) FROM $.outbox_entry WHERE sink_id = %1$d) + count(*), '%2$s',
                                 count(*) FILTER (WHERE state = 'dead'), count(*) FILTER (WHERE state = 'blocked'),
                                 count(*) FILTER (WHERE state = 'backing_off'))
                FROM $.held_entry
                WHERE sink_id = %1$d
                """.formatted(sink, estimated));
    }

    private static OperatorScene filled(int hot, int held) throws SQLException {
        var scene = new OperatorScene("dualwrite");
        scene.run("SELECT $.register_sink('rare')");
        scene.run("""
                INSERT INTO $.outbox_entry
                       (appended_at, sink_id, shard, schema_version, operation, aggregate_type, aggregate_id, payload)
                SELECT now() - interval '1 hour', 1 + n %% 2, n / 2 %% 16, 1, 'U', 'order', 'a' || n, '\\x7b7d'
                FROM generate_series(1, %d) AS n
                """.formatted(hot));
        // Nine of ten wait for the first one of their aggregate, which is dead or backs off; those of the sink rare are
        // all dead.
        scene.run("""
                INSERT INTO $.held_entry
                       (version, appended_at, next_attempt_at, attempts, sink_id, shard, schema_version, operation, state,
                        aggregate_type, aggregate_id, payload, error_message)
                SELECT 100000000 + n, now() - interval '2 hours' + n * interval '1 ms',
                       CASE WHEN of.state = 'backing_off' THEN now() + interval '1 hour' END, 3,
                       CASE WHEN n < 70 THEN 3 ELSE 1 + n / 160 %% 2 END, n / 10 %% 16, 1, 'U',
                       of.state, 'order', 'h' || n / 10, '\\x7b7d', CASE WHEN of.state <> 'blocked' THEN 'value too long' END
                FROM generate_series(0, %d) AS n
                CROSS JOIN LATERAL (SELECT CASE WHEN n %% 10 > 0 THEN 'blocked'
                                                WHEN n < 70 OR n / 10 %% 2 = 0 THEN 'dead'
                                                ELSE 'backing_off' END AS state) AS of
                """.formatted(held - 1));
        scene.run("INSERT INTO $.audit_entry (at, actor, action, subject, reason, detail)"
                + " SELECT now() - n * interval '1 minute', 'alice', 'requeue', 'entry ' || n, 'x', '{}'"
                + " FROM generate_series(1, " + held / 2 + ") AS n");
        scene.run("VACUUM ANALYZE");
        return scene;
    }

    /** One level more of an index is a page more for each of some hundred looks into it. */
    private static long mostPages(String look) throws SQLException {
        return pages(small, look) * 3 / 2 + 200;
    }

    private static long pages(OperatorScene scene, String look) throws SQLException {
        var pages = PAGES.matcher(plan(scene, look));
        assertThat(pages.find()).isTrue();
        long sum = 0;
        for (int group = 1; group <= 2; group++) {
            sum += pages.group(group) == null ? 0 : Long.parseLong(pages.group(group));
        }
        return sum;
    }

    private static String plan(OperatorScene scene, String look) throws SQLException {
        try (Connection connection = scene.installed().dataSource().getConnection()) {
            var lines = new ArrayList<String>();
            Psql.run(connection, "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) " + look)
                    .rows()
                    .forEach(row -> lines.add(row.get(0)));
            return String.join("\n", lines);
        }
    }
}
