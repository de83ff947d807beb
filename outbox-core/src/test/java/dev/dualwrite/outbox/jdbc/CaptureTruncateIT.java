package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

/** TRUNCATE of a captured table: refused, or each row is referred to. */
class CaptureTruncateIT {

    private static final String NOT_IN_THIS_STATE = "55000";

    private static CaptureScene scene;

    @BeforeAll
    static void install() throws SQLException {
        scene = new CaptureScene();
    }

    @BeforeEach
    void fill() throws SQLException {
        scene.clear();
        scene.run("""
                CREATE TABLE shop.item (id integer PRIMARY KEY);
                INSERT INTO shop.item VALUES (1), (2);
                """);
    }

    @Test
    void truncateIsRefusedUnlessItIsToBeRecorded() throws SQLException {
        scene.capture("item", "id");

        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run("TRUNCATE shop.item"))
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo(NOT_IN_THIS_STATE))
                .withMessageContaining("table shop.item: TRUNCATE is refused")
                .withMessageContaining("on_truncate => 'record'");

        assertThat(scene.rows("SELECT count(*) FROM shop.item")).containsExactly("2");
    }

    @Test
    void recordedTruncateRefersToEachRowThatWasThere() throws SQLException {
        scene.captureWithTruncate("item", "id");

        scene.run("SET dualwrite.headers = 'a=b'; TRUNCATE shop.item");

        assertThat(scene.rows("SELECT DISTINCT headers FROM dualwrite.outbox_entry"))
                .containsExactly("a=b");
        assertThat(scene.written()).containsExactlyInAnyOrder("item:1", "item:2");
        assertThat(scene.rows("SELECT FROM shop.item")).isEmpty();
    }

    @Test
    void truncateThatReachesTheTableThroughAForeignKeyIsRecorded() throws SQLException {
        scene.run("""
                CREATE TABLE shop.part (id integer PRIMARY KEY, item_id integer REFERENCES shop.item);
                INSERT INTO shop.part VALUES (10, 1);
                """);
        scene.captureWithTruncate("part", "id");

        scene.run("TRUNCATE shop.item CASCADE");

        assertThat(scene.written()).containsExactly("part:10");
    }

    @Test
    void truncateUnderAnOldSnapshotIsRefusedSinceItWouldMissRows() throws SQLException {
        scene.captureWithTruncate("item", "id");

        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run("BEGIN ISOLATION LEVEL REPEATABLE READ; TRUNCATE shop.item; COMMIT"))
                .withMessageContaining("expected read committed");
    }

    @Test
    void truncateOfAPartitionIsRecordedAndThatOfAllRefersToEachRowOnce() throws SQLException {
        scene.run("""
                CREATE TABLE shop.sale (region integer, id integer, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
                CREATE TABLE shop.sale_1 PARTITION OF shop.sale FOR VALUES IN (1);
                CREATE TABLE shop.sale_2 PARTITION OF shop.sale FOR VALUES IN (2);
                """);
        scene.captureWithTruncate("sale", "region,id");
        scene.run("INSERT INTO shop.sale VALUES (1, 1), (2, 1), (2, 2)");
        scene.written();

        scene.run("TRUNCATE shop.sale_1");
        assertThat(scene.written()).containsExactly("sale:1|1");

        scene.run("TRUNCATE shop.sale");
        assertThat(scene.written()).containsExactlyInAnyOrder("sale:2|1", "sale:2|2");
    }
}
