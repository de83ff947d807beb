package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dualwrite.outbox.jdbc.CaptureStore.PartitionChange;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A captured table with partitions on two levels, one of which has its columns in another order. */
class CapturePartitionIT {

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

        assertThat(store.captureNewPartitions())
                .containsExactly(new PartitionChange("shop.sale", "copy", "shop.sale_3", "attached", 2, null));
        assertThat(store.captureNewPartitions()).isEmpty();
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

        assertThat(store.captureNewPartitions())
                .containsExactly(new PartitionChange("shop.sale", "copy", "shop.sale_2", "detached", 1, null));
        assertThat(store.captureNewPartitions()).isEmpty();
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
            assertThat(store.captureNewPartitions())
                    .filteredOn(change -> change.happened().equals("captured_alone"))
                    .singleElement()
                    .satisfies(change -> assertThat(change.problem())
                            .contains("a partition of shop.sale", "release it and capture shop.sale"));
        }
    }

    @Test
    void onePartitionThatCannotBeFollowedDoesNotKeepTheOthers() throws SQLException {
        scene.run("""
                CREATE TABLE shop.sale_3 PARTITION OF shop.sale FOR VALUES IN (3);
                CREATE TABLE shop.sale_4 PARTITION OF shop.sale FOR VALUES IN (4);
                CREATE FUNCTION shop.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER dualwrite_capture_1_update AFTER UPDATE ON shop.sale_3 EXECUTE FUNCTION shop.nothing();
                """);

        assertThat(store.captureNewPartitions())
                .satisfiesExactlyInAnyOrder(
                        failed -> assertThat(failed.problem()).contains("already exists"),
                        followed -> assertThat(followed.problem()).isNull());
        assertThat(scene.rows("SELECT tgname FROM pg_trigger WHERE tgrelid = 'shop.sale_3'::regclass"))
                .as("nothing by half")
                .containsExactly("dualwrite_capture_1_update");
    }

    @Test
    void whileAnotherSessionFollowsPartitionsNothingIsDone() throws SQLException {
        scene.run("CREATE TABLE shop.sale_3 PARTITION OF shop.sale FOR VALUES IN (3)");
        try (Connection other = scene.connect()) {
            CaptureScene.run(other, "BEGIN", "SELECT dualwrite.capture_new_partitions()");

            assertThat(store.captureNewPartitions()).isEmpty();

            CaptureScene.run(other, "ROLLBACK");
        }
        assertThat(store.captureNewPartitions()).hasSize(1);
    }

    @Test
    void releaseTakesTheTriggersOffEveryPartition() throws SQLException {
        scene.run("SELECT dualwrite.release_table('shop.sale', 'copy')");

        assertThat(scene.rows("SELECT tgname FROM pg_trigger WHERE tgname ~ '^dualwrite_capture'"))
                .isEmpty();
    }
}
