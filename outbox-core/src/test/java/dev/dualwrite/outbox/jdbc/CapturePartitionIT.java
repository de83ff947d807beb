package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.dualwrite.outbox.jdbc.CaptureStore.StrayPartition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

/** A captured table with partitions on two levels, one of which has its columns in another order. */
class CapturePartitionIT {

    private static final String LOCK_TIMEOUT = "55P03";
    private static final String CAPTURE_NEW = "SELECT dualwrite.capture_new_partitions()";

    private static CaptureScene scene;

    private final CaptureStore store = new CaptureStore(scene.dataSource(), "dualwrite");

    @BeforeAll
    static void install() throws SQLException {
        scene = new CaptureScene();
    }

    @BeforeEach
    void capture() throws SQLException {
        scene.clear();
        scene.run("""
                CREATE TABLE shop.sale (region integer, id integer, note text, PRIMARY KEY (region, id))
                    PARTITION BY LIST (region);
                CREATE TABLE shop.sale_1 PARTITION OF shop.sale FOR VALUES IN (1) PARTITION BY RANGE (id);
                CREATE TABLE shop.sale_1_a PARTITION OF shop.sale_1 FOR VALUES FROM (0) TO (100);
                CREATE TABLE shop.sale_1_b PARTITION OF shop.sale_1 FOR VALUES FROM (100) TO (200);
                CREATE TABLE shop.sale_2 (gone text, note text, id integer NOT NULL, region integer NOT NULL);
                ALTER TABLE shop.sale_2 DROP COLUMN gone;
                ALTER TABLE shop.sale ATTACH PARTITION shop.sale_2 FOR VALUES IN (2);
                """);
        scene.capture("sale", "region,id");
    }

    @Test
    void writesThroughEveryLevelAreSeenOnce() throws SQLException {
        scene.run(
                "INSERT INTO shop.sale (region, id) VALUES (1, 1), (1, 101), (2, 1)",
                "INSERT INTO shop.sale_1 (region, id) VALUES (1, 2)",
                "INSERT INTO shop.sale_1_a (region, id) VALUES (1, 3)",
                "INSERT INTO shop.sale_2 (region, id) VALUES (2, 2)");
        assertThat(scene.written())
                .containsExactlyInAnyOrder("sale:1|1", "sale:1|101", "sale:2|1", "sale:1|2", "sale:1|3", "sale:2|2");

        scene.run("UPDATE shop.sale SET note = 'x'");
        assertThat(scene.written()).hasSize(6).doesNotHaveDuplicates();

        scene.run("DELETE FROM shop.sale_1");
        assertThat(scene.written()).containsExactlyInAnyOrder("sale:1|1", "sale:1|101", "sale:1|2", "sale:1|3");
    }

    @Test
    void rowThatMovesToAnotherPartitionIsReferredToByBothKeys() throws SQLException {
        scene.run("INSERT INTO shop.sale (region, id) VALUES (1, 1)");
        scene.written();

        scene.run("UPDATE shop.sale SET region = 2");

        assertThat(scene.written()).containsExactlyInAnyOrder("sale:1|1", "sale:2|1");
    }

    @Test
    void attachedPartitionGetsTriggersAndItsRowsAreReferredToOnce() throws SQLException {
        scene.run("""
                CREATE TABLE shop.sale_3 (id integer NOT NULL, region integer NOT NULL, note text);
                INSERT INTO shop.sale_3 VALUES (7, 3), (8, 3);
                ALTER TABLE shop.sale ATTACH PARTITION shop.sale_3 FOR VALUES IN (3);
                """);

        assertThat(follow()).containsExactly("shop.sale copy shop.sale_3 attached 2 null");
        assertThat(follow()).isEmpty();
        assertThat(scene.written()).containsExactlyInAnyOrder("sale:3|7", "sale:3|8");

        scene.run("UPDATE shop.sale_3 SET note = 'x' WHERE id = 7");
        assertThat(scene.written()).containsExactly("sale:3|7");
    }

    @Test
    void partitionMadeAndFollowedInOneTransactionLeavesNoGap() throws SQLException {
        scene.run("""
                CREATE TABLE shop.sale_3 PARTITION OF shop.sale FOR VALUES IN (3);
                SELECT dualwrite.capture_new_partitions();
                """);

        scene.run("INSERT INTO shop.sale_3 VALUES (3, 1)", "DELETE FROM shop.sale_3");

        assertThat(scene.written()).containsExactly("sale:3|1", "sale:3|1");
    }

    @Test
    void detachedPartitionLosesItsTriggersAndItsRowsAreReferredTo() throws SQLException {
        scene.run("INSERT INTO shop.sale (region, id) VALUES (2, 5)");
        scene.written();
        scene.run("ALTER TABLE shop.sale DETACH PARTITION shop.sale_2");

        assertThat(follow()).containsExactly("shop.sale copy shop.sale_2 detached 1 null");
        assertThat(follow()).isEmpty();
        assertThat(scene.written()).containsExactly("sale:2|5");

        scene.run("INSERT INTO shop.sale_2 (region, id) VALUES (2, 6)");
        assertThat(scene.written()).isEmpty();
    }

    @Test
    void capturedTableThatBecomesAPartitionIsToldEachTime() throws SQLException {
        scene.run("CREATE TABLE shop.sale_3 (region integer, id integer, note text, PRIMARY KEY (region, id))");
        scene.run("SELECT dualwrite.capture_table('shop.sale_3', 'search', 'sale3', '{id,region}')");
        scene.run("ALTER TABLE shop.sale ATTACH PARTITION shop.sale_3 FOR VALUES IN (3)");

        for (int look = 0; look < 2; look++) {
            assertThat(follow())
                    .filteredOn(line -> line.contains("captured_alone"))
                    .singleElement()
                    .asString()
                    .contains("a partition of shop.sale", "Release it and capture shop.sale");
        }
    }

    @Test
    void onePartitionThatCannotBeFollowedDoesNotKeepTheOthers() throws SQLException {
        obstruct();

        assertThat(follow())
                .satisfiesExactlyInAnyOrder(
                        failed -> assertThat(failed).contains("sale_3").contains("already exists"),
                        followed -> assertThat(followed).contains("sale_4").endsWith("null"));
        assertThat(scene.rows("SELECT tgname LIKE '%_update' FROM pg_trigger WHERE tgrelid = 'shop.sale_3'::regclass"))
                .as("nothing by half")
                .containsExactly("t");
    }

    @Test
    void personIsToldOfEachPartitionThatCannotBeFollowedAndNothingIsChanged() throws SQLException {
        obstruct();

        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run(CAPTURE_NEW))
                .withMessageContaining("1 partition cannot be followed")
                .withMessageContaining("1. shop.sale, shop.sale_3 attached: trigger")
                .withMessageContaining("Next: remove the cause and call again");

        assertThat(scene.rows("SELECT FROM pg_trigger WHERE tgrelid = 'shop.sale_4'::regclass"))
                .isEmpty();
    }

    @Test
    void whileAnotherSessionFollowsPartitionsARelayGoesOnAndAPersonWaits() throws SQLException {
        scene.run("CREATE TABLE shop.sale_3 PARTITION OF shop.sale FOR VALUES IN (3)");
        List<StrayPartition> strays = store.strayPartitions();
        try (Connection other = scene.connect()) {
            // The lock alone: those of the partition would be waited for as well.
            CaptureScene.run(
                    other,
                    "BEGIN",
                    "SELECT pg_advisory_xact_lock(hashtextextended('dualwrite.capture_new_partitions', 0))");

            assertThat(store.follow(strays.get(0))).isEmpty();
            assertThatExceptionOfType(PSQLException.class)
                    .isThrownBy(() -> scene.run("SET lock_timeout = '20ms'; " + CAPTURE_NEW))
                    .satisfies(e -> assertThat(e.getSQLState()).isEqualTo(LOCK_TIMEOUT));

            CaptureScene.run(other, "ROLLBACK");
        }
        assertThat(follow()).hasSize(1);
        assertThat(store.follow(strays.get(0))).as("done already").isEmpty();
    }

    @Test
    void partitionThatSomebodyWritesToIsLeftForLater() throws SQLException {
        scene.run("CREATE TABLE shop.sale_3 PARTITION OF shop.sale FOR VALUES IN (3)");
        try (Connection writer = scene.connect()) {
            CaptureScene.run(writer, "BEGIN", "INSERT INTO shop.sale_3 VALUES (3, 1)");

            assertThat(store.follow(store.strayPartitions().get(0)))
                    .hasValueSatisfying(followed -> assertThat(followed.busy()).isTrue());

            CaptureScene.run(writer, "COMMIT");
        }
        assertThat(follow()).singleElement().asString().endsWith("null");
    }

    @Test
    void partitionWithTooManyRowsIsLeftToAPerson() throws SQLException {
        scene.run("""
                CREATE TABLE shop.sale_3 (region integer NOT NULL, id integer NOT NULL, note text);
                INSERT INTO shop.sale_3 SELECT 3, n FROM generate_series(1, 10) AS n;
                ANALYZE shop.sale_3;
                ALTER TABLE shop.sale ATTACH PARTITION shop.sale_3 FOR VALUES IN (3);
                UPDATE pg_class SET reltuples = 100001 WHERE oid = 'shop.sale_3'::regclass;
                """);

        assertThat(follow())
                .singleElement()
                .asString()
                .contains("it has more than 100000 rows", "Next: call capture_new_partitions()");

        scene.run(CAPTURE_NEW);
        assertThat(scene.written()).hasSize(10);
    }

    @Test
    void partitionThatMovesBetweenTwoCapturedTablesIsOfTheSecondOnly() throws SQLException {
        scene.run("""
                CREATE TABLE shop.old (region integer, id integer, note text, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
                SELECT dualwrite.capture_table('shop.old', 'copy', 'old', '{region,id}');
                INSERT INTO shop.sale VALUES (2, 1);
                ALTER TABLE shop.sale DETACH PARTITION shop.sale_2;
                ALTER TABLE shop.old ATTACH PARTITION shop.sale_2 FOR VALUES IN (2);
                """);
        scene.written();

        assertThat(follow())
                .containsExactly(
                        "shop.sale copy shop.sale_2 detached 1 null", "shop.old copy shop.sale_2 attached 1 null");
        scene.run("UPDATE shop.sale_2 SET note = 'x'");

        assertThat(scene.written()).containsExactly("sale:2|1", "old:2|1", "old:2|1");
    }

    @Test
    void twoOutboxesCaptureOneTable() throws SQLException {
        scene.run("CREATE SCHEMA dualwrite_two", Schema.script("dualwrite_two", Schema.DEFAULT_SHARD_COUNT));
        try {
            scene.run("SELECT dualwrite_two.register_sink('copy')");
            String id = scene.rows("SELECT max(capture_id) FROM dualwrite.captured_table")
                    .get(0);
            scene.run("ALTER TABLE dualwrite_two.captured_table ALTER capture_id RESTART WITH " + id);

            scene.run("SELECT dualwrite_two.capture_table('shop.sale', 'copy', 'sale', '{region,id}')");
            scene.run("INSERT INTO shop.sale VALUES (1, 1)");

            assertThat(scene.written()).containsExactly("sale:1|1");
            assertThat(scene.rows("SELECT aggregate_id FROM dualwrite_two.outbox_entry"))
                    .containsExactly("1|1");
        } finally {
            scene.run("DROP SCHEMA dualwrite_two CASCADE");
        }
    }

    @Test
    void triggersThatAreMissingOrDisabledAreFoundOnEveryLevel() throws SQLException {
        assertThat(store.uncapturedTables()).isEmpty();

        scene.run("ALTER TABLE shop.sale_1 DISABLE TRIGGER " + trigger("shop.sale_1", "update"));
        scene.run("DROP TRIGGER %s ON shop.sale_2".formatted(trigger("shop.sale_2", "delete")));
        scene.run("ALTER TABLE shop.sale ENABLE REPLICA TRIGGER " + trigger("shop.sale", "truncate"));
        scene.run("ALTER TABLE shop.sale ENABLE ALWAYS TRIGGER " + trigger("shop.sale", "insert"));

        assertThat(store.uncapturedTables())
                .satisfiesExactlyInAnyOrder(
                        t -> assertThat(t.member() + " " + t.problem())
                                .startsWith("shop.sale_1 these triggers are disabled: dualwrite_capture_")
                                .contains("_update. Next: ALTER TABLE shop.sale_1 ENABLE TRIGGER"),
                        t -> assertThat(t.member() + " " + t.problem())
                                .startsWith(
                                        "shop.sale_2 3 of its 4 triggers are there. Next: release_table('shop.sale', 'copy')"),
                        t -> assertThat(t.member() + " " + t.problem())
                                .startsWith("shop.sale these triggers are disabled:")
                                .contains("_truncate. Next"));
    }

    @Test
    void capturedTableThatIsGoneOrLostAllItsTriggersIsFound() throws SQLException {
        scene.run("CREATE TABLE shop.item (id integer PRIMARY KEY)", "CREATE TABLE shop.part (id integer PRIMARY KEY)");
        scene.capture("item", "id");
        scene.capture("part", "id");
        String number = scene.rows("SELECT 'shop.item'::regclass::oid").get(0);
        scene.run("DROP TABLE shop.item");
        scene.run("CREATE TABLE shop.item (id integer PRIMARY KEY)");
        for (String kind : List.of("insert", "update", "delete", "truncate")) {
            scene.run("DROP TRIGGER %s ON shop.part".formatted(trigger("shop.part", kind)));
        }

        assertThat(store.uncapturedTables())
                .satisfiesExactlyInAnyOrder(
                        t -> assertThat(t.problem())
                                .contains("the table is gone", "release_table(" + number + "::regclass, 'copy')"),
                        t -> assertThat(t.member() + " " + t.problem()).startsWith("shop.part 0 of its 4 triggers"));
    }

    @Test
    void releaseTakesTheTriggersOffEveryPartition() throws SQLException {
        scene.run("SELECT dualwrite.release_table('shop.sale', 'copy')");

        assertThat(scene.rows("SELECT tgname FROM pg_trigger WHERE tgname ~ '^dualwrite_capture'"))
                .isEmpty();
    }

    private List<String> follow() {
        var lines = new ArrayList<String>();
        for (StrayPartition stray : store.strayPartitions()) {
            store.follow(stray)
                    .ifPresent(followed -> lines.add(stray.source() + " " + stray.sink() + " " + stray.member() + " "
                            + stray.happened() + " " + followed.referred() + " " + followed.problem()));
        }
        return lines;
    }

    /** Of two new partitions, the first has a trigger of the name that is wanted. */
    private static void obstruct() throws SQLException {
        scene.run("""
                CREATE TABLE shop.sale_3 PARTITION OF shop.sale FOR VALUES IN (3);
                CREATE TABLE shop.sale_4 PARTITION OF shop.sale FOR VALUES IN (4);
                CREATE FUNCTION shop.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER %s AFTER UPDATE ON shop.sale_3 EXECUTE FUNCTION shop.nothing();
                """.formatted(trigger("shop.sale", "update")));
    }

    private static String trigger(String table, String kind) throws SQLException {
        return scene.rows("SELECT tgname FROM pg_trigger WHERE tgrelid = '%s'::regclass AND tgname LIKE '%%\\_%s'"
                        .formatted(table, kind))
                .get(0);
    }
}
