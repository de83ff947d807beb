package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;

/** What the triggers of a captured table write down, for every way to change a row. */
class CaptureTriggerIT {

    private static final String UNDEFINED_COLUMN = "42703";

    private static CaptureScene scene;

    @BeforeAll
    static void install() throws SQLException {
        scene = new CaptureScene();
    }

    @BeforeEach
    void captureItems() throws SQLException {
        scene.clear();
        scene.run("""
                CREATE TABLE shop.item (gone text, id integer PRIMARY KEY, name text);
                ALTER TABLE shop.item DROP COLUMN gone;
                """);
        scene.capture("item", "id");
    }

    @Test
    void eachRowOfAStatementIsOneReferenceWithoutAPayload() throws SQLException {
        scene.run("INSERT INTO shop.item SELECT n, 'new' FROM generate_series(1, 3) AS n");

        assertThat(scene.rows("""
                SELECT s.name, e.operation, e.aggregate_type, e.aggregate_id, e.schema_version, e.payload_type, e.headers,
                       e.payload IS NULL, e.shard = dualwrite.shard_of(e.aggregate_type, e.aggregate_id, 16)
                FROM dualwrite.outbox_entry e
                JOIN dualwrite.sink s ON s.sink_id = e.sink_id
                ORDER BY e.sequence
                """))
                .containsExactly(
                        "copy | R | item | 1 | 1 |  |  | t | t",
                        "copy | R | item | 2 | 1 |  |  | t | t",
                        "copy | R | item | 3 | 1 |  |  | t | t");
    }

    @Test
    void updateAndDeletionReferToTheirRows() throws SQLException {
        given("(1), (2), (3)");

        scene.run("UPDATE shop.item SET name = 'x' WHERE id < 3");
        assertThat(scene.written()).containsExactlyInAnyOrder("item:1", "item:2");

        scene.run("DELETE FROM shop.item WHERE id > 1");
        assertThat(scene.written()).containsExactlyInAnyOrder("item:2", "item:3");
    }

    @Test
    void changeOfTheKeyRefersToBoth() throws SQLException {
        given("(1), (2)");

        scene.run("UPDATE shop.item SET id = id + 1 WHERE id = 2", "UPDATE shop.item SET id = id + 9, name = 'x'");

        assertThat(scene.written())
                .containsExactlyInAnyOrder("item:2", "item:3", "item:1", "item:10", "item:3", "item:12");
    }

    @Test
    void statementThatChangesNothingWritesNothing() throws SQLException {
        scene.run(
                "INSERT INTO shop.item SELECT 1 WHERE false",
                "UPDATE shop.item SET name = 'x'",
                "DELETE FROM shop.item");

        assertThat(scene.written()).isEmpty();
    }

    @Test
    void whatIsRolledBackLeavesNothing() throws SQLException {
        try (Connection connection = scene.connect()) {
            CaptureScene.run(
                    connection,
                    "BEGIN",
                    "INSERT INTO shop.item VALUES (1)",
                    "SAVEPOINT s",
                    "INSERT INTO shop.item VALUES (2)",
                    "ROLLBACK TO SAVEPOINT s",
                    "COMMIT");
        }

        assertThat(scene.written()).containsExactly("item:1");
    }

    @Test
    void upsertsAreSeenWhetherTheyInsertOrUpdate() throws SQLException {
        given("(1)");

        scene.run("INSERT INTO shop.item VALUES (1), (2) ON CONFLICT (id) DO UPDATE SET name = 'x'");
        assertThat(scene.written()).containsExactlyInAnyOrder("item:1", "item:2");

        scene.run("INSERT INTO shop.item VALUES (1), (3) ON CONFLICT DO NOTHING");
        assertThat(scene.written()).containsExactly("item:3");

        scene.run("""
                MERGE INTO shop.item i
                USING (VALUES (1), (2), (4)) AS s (id) ON s.id = i.id
                WHEN MATCHED AND s.id = 1 THEN DELETE
                WHEN MATCHED THEN UPDATE SET name = 'y'
                WHEN NOT MATCHED THEN INSERT VALUES (s.id)
                """);
        assertThat(scene.written()).containsExactlyInAnyOrder("item:1", "item:2", "item:4");
    }

    @Test
    void copyAndWritingQueriesAreSeen() throws SQLException, IOException {
        try (Connection connection = scene.connect()) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY shop.item FROM STDIN", new StringReader("1\ta\n2\tb\n"));
        }
        assertThat(scene.written()).containsExactly("item:1", "item:2");

        scene.run("""
                WITH moved AS (DELETE FROM shop.item WHERE id = 1 RETURNING id)
                INSERT INTO shop.item SELECT id + 100 FROM moved
                """);
        assertThat(scene.written()).containsExactlyInAnyOrder("item:1", "item:101");
    }

    @Test
    void rowsThatAForeignKeyChangesAreSeen() throws SQLException {
        scene.run("""
                CREATE TABLE shop.part (id integer PRIMARY KEY,
                                        item_id integer REFERENCES shop.item ON DELETE CASCADE ON UPDATE CASCADE)
                """);
        scene.capture("part", "id");
        given("(1), (2), (3)");
        scene.run("INSERT INTO shop.part VALUES (10, 1), (11, 1), (20, 2), (30, 3)");
        scene.written();

        scene.run("UPDATE shop.item SET id = 5 WHERE id = 3");
        assertThat(scene.written()).containsExactlyInAnyOrder("item:3", "item:5", "part:30");

        scene.run("DELETE FROM shop.item WHERE id < 3");
        assertThat(scene.written()).containsExactlyInAnyOrder("item:1", "item:2", "part:10", "part:11", "part:20");
    }

    @Test
    void rowThatATriggerUpdatesAgainIsReferredToByBothStatements() throws SQLException {
        scene.run("""
                CREATE FUNCTION shop.again() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    UPDATE shop.item SET name = 'again' WHERE id = new.id AND name <> 'again';
                    RETURN NULL;
                END
                $$;
                CREATE TRIGGER again AFTER INSERT ON shop.item FOR EACH ROW EXECUTE FUNCTION shop.again();
                """);

        scene.run("INSERT INTO shop.item VALUES (1, 'a'), (2, 'b')");

        assertThat(scene.written()).contains("item:1", "item:2").hasSizeBetween(4, 6);
    }

    @Test
    void bulkUpdateIsOneCallOfOneTrigger() throws SQLException {
        scene.run("INSERT INTO shop.item SELECT n FROM generate_series(1, 100000) AS n");
        scene.run("TRUNCATE dualwrite.outbox_entry");

        List<String> plan = scene.rows("EXPLAIN (ANALYZE, TIMING OFF) UPDATE shop.item SET name = 'x'");

        assertThat(plan)
                .filteredOn(line -> line.startsWith("Trigger"))
                .singleElement()
                .asString()
                .contains("dualwrite_capture_" + captureId() + "_update", "calls=1");
        assertThat(scene.rows("SELECT count(*), count(DISTINCT aggregate_id) FROM dualwrite.outbox_entry"))
                .containsExactly("100000 | 100000");
    }

    @Test
    void columnsComeGoAndAreRenamed() throws SQLException {
        scene.run(
                "INSERT INTO shop.item VALUES (1)",
                "ALTER TABLE shop.item DROP COLUMN name",
                "UPDATE shop.item SET id = 2",
                "ALTER TABLE shop.item ADD COLUMN price numeric NOT NULL DEFAULT 1",
                "UPDATE shop.item SET price = 2",
                "ALTER TABLE shop.item RENAME COLUMN price TO cost",
                "DELETE FROM shop.item");

        assertThat(scene.written()).containsExactlyInAnyOrder("item:1", "item:1", "item:2", "item:2", "item:2");
    }

    @Test
    void renamedTableStaysCaptured() throws SQLException {
        scene.run("ALTER TABLE shop.item RENAME TO article", "INSERT INTO shop.article VALUES (1)");

        assertThat(scene.written()).containsExactly("item:1");
        assertThat(scene.rows("SELECT source FROM dualwrite.captured_table")).containsExactly("shop.article");
    }

    @Test
    void renamedKeyColumnFailsTheWriteAndCommitsNothing() throws SQLException {
        scene.run("ALTER TABLE shop.item RENAME COLUMN id TO number");

        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run("INSERT INTO shop.item VALUES (1)"))
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo(UNDEFINED_COLUMN))
                .withMessageContaining("id");

        assertThat(scene.rows("SELECT FROM shop.item")).isEmpty();
        assertThat(scene.written()).isEmpty();
    }

    @Test
    void generatedColumnIsAKey() throws SQLException {
        scene.run("""
                CREATE TABLE shop.code (given text, code text GENERATED ALWAYS AS (upper(given)) STORED NOT NULL UNIQUE,
                                        number bigint GENERATED ALWAYS AS IDENTITY NOT NULL)
                """);
        scene.capture("code", "code,number");

        scene.run("INSERT INTO shop.code (given) VALUES ('a')", "UPDATE shop.code SET given = 'b'");

        assertThat(scene.written()).containsExactlyInAnyOrder("code:A|1", "code:A|1", "code:B|1");
    }

    @Test
    void tableIsCapturedForEachOfItsSinks() throws SQLException {
        scene.run("SELECT dualwrite.capture_table('shop.item', 'search', 'item', '{id}')");

        scene.run("INSERT INTO shop.item VALUES (1)");

        assertThat(scene.rows("SELECT sink_id, aggregate_id FROM dualwrite.outbox_entry ORDER BY sink_id"))
                .containsExactly("1 | 1", "2 | 1");
    }

    @Test
    void namesOfTheTriggersSaySchemaAndCapture() throws SQLException {
        String prefix = "dualwrite_capture_" + captureId();

        assertThat(scene.rows("""
                SELECT tgname FROM pg_trigger WHERE tgrelid = 'shop.item'::regclass AND NOT tgisinternal ORDER BY 1
                """))
                .containsExactly(prefix + "_delete", prefix + "_insert", prefix + "_truncate", prefix + "_update");
    }

    @Test
    void sessionOfAReplicaWritesNothingDown() throws SQLException {
        scene.run("SET session_replication_role = replica; INSERT INTO shop.item VALUES (1)");

        assertThat(scene.written()).isEmpty();
    }

    @Test
    void headersOfTheSessionGoIntoEachEntry() throws SQLException {
        scene.run("SET dualwrite.headers = 'tenant=a%20b&trace=01-ab'; INSERT INTO shop.item VALUES (1), (2)");

        assertThat(scene.rows("SELECT headers FROM dualwrite.outbox_entry"))
                .containsExactly("tenant=a%20b&trace=01-ab", "tenant=a%20b&trace=01-ab");
        assertThat(Headers.parse("tenant=a%20b&trace=01-ab")).containsEntry("tenant", "a b");
    }

    @Test
    void headersThatNobodyCouldReadAreLeftOut() throws SQLException {
        for (String headers : List.of("=", "a", "a=b&", "a=%zz", "a=b c", "a=ö", "a=" + "x".repeat(4095))) {
            scene.run("SET dualwrite.headers = '%s'; INSERT INTO shop.item VALUES (1); DELETE FROM shop.item"
                    .formatted(headers));
        }

        assertThat(scene.rows("SELECT DISTINCT headers FROM dualwrite.outbox_entry"))
                .containsExactly("");
    }

    @Test
    void releasedTableWritesNothingAndCanBeCapturedAgain() throws SQLException {
        scene.run("SELECT dualwrite.release_table('shop.item', 'copy')", "INSERT INTO shop.item VALUES (1)");
        assertThat(scene.written()).isEmpty();

        scene.run(
                "SELECT dualwrite.capture_table('shop.item', 'copy', 'article', '{id}')",
                "INSERT INTO shop.item VALUES (2)");
        assertThat(scene.written()).containsExactly("article:2");
    }

    @Test
    void captureAndReleaseAreOnRecord() throws SQLException {
        scene.run("SELECT dualwrite.release_table('shop.item', 'copy')");

        assertThat(scene.rows("""
                SELECT a.action, a.subject, a.reason, a.detail ->> 'sink', a.detail ->> 'key_columns'
                FROM dualwrite.audit a
                ORDER BY a.audit_id
                """))
                .containsExactly(
                        "capture_table | table shop.item | its changes go to sink copy | copy | [\"id\"]",
                        "release_table | table shop.item | its changes go to sink copy no more | copy | [\"id\"]");
    }

    @Test
    void tableThatWasDroppedIsReleasedByItsNumber() throws SQLException {
        String number =
                scene.rows("SELECT source::oid FROM dualwrite.captured_table").get(0);
        scene.run("DROP TABLE shop.item");

        scene.run("SELECT dualwrite.release_table(%s::regclass, 'copy')".formatted(number));

        assertThat(scene.rows("SELECT FROM dualwrite.captured_table")).isEmpty();
        assertThat(scene.rows("SELECT FROM pg_proc WHERE proname ~ '^capture_[0-9]'"))
                .isEmpty();
    }

    private static String captureId() throws SQLException {
        return scene.rows("SELECT capture_id FROM dualwrite.captured_table").get(0);
    }

    private static void given(String rows) throws SQLException {
        scene.run("INSERT INTO shop.item VALUES " + rows);
        scene.written();
    }
}
