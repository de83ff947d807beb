package dev.dualwrite.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.dualwrite.outbox.Aggregate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;

/** The aggregate ids and shards that triggers write: those that Java computes, whatever the session is set to. */
class CaptureKeyIT {

    private static final long SEED = Long.getLong("dualwrite.seed", 20261121L);
    private static final int PAIRS = 5_000;
    private static final String REFUSED = "23514";

    private static CaptureScene scene;

    @BeforeAll
    static void install() throws SQLException {
        scene = new CaptureScene();
    }

    @BeforeEach
    void createTables() throws SQLException {
        scene.clear();
        scene.run("""
                CREATE TYPE shop.color AS ENUM ('red', 'gr|een\\');
                CREATE DOMAIN shop.sku AS varchar(1200);
                CREATE TABLE shop.pair (a text, b shop.sku, PRIMARY KEY (a, b));
                CREATE TABLE shop.word (word text PRIMARY KEY);
                """);
    }

    @ParameterizedTest
    @CsvSource({
        "integer, bigint, integer",
        "date, timestamp without time zone, date",
        "text, shop.term, text",
        "shop.term, character varying, shop.term",
    })
    void keyOfAnotherTypeThanWhenItWasCapturedFailsEachWrite(String before, String after, String was)
            throws SQLException {
        scene.run("CREATE DOMAIN shop.term AS text");
        scene.run("CREATE TABLE shop.changed (id %s PRIMARY KEY, name text)".formatted(before));
        scene.captureWithTruncate("changed", "id");
        try (Connection writer = scene.connect()) {
            String insert = "INSERT INTO shop.changed SELECT %s"
                    .formatted(before.equals("integer") ? "1" : "'2020-01-01'::" + before);
            CaptureScene.run(writer, insert);
            scene.run("ALTER TABLE shop.changed ALTER COLUMN id TYPE %s".formatted(after));
            scene.written();

            for (String write : List.of(
                    "UPDATE shop.changed SET name = 'x'", "DELETE FROM shop.changed", "TRUNCATE shop.changed")) {
                assertThatExceptionOfType(PSQLException.class)
                        .as(write)
                        .isThrownBy(() -> CaptureScene.run(writer, write))
                        .withMessageContaining(
                                "table shop.changed: key column id is %s now, it was %s when the table"
                                        + " was captured",
                                after, was)
                        .withMessageContaining("Next: release_table and capture_table");
            }
        }
        assertThat(scene.written()).isEmpty();

        scene.run("SELECT dualwrite.release_table('shop.changed', 'copy')");
        scene.capture("changed", "id");
        scene.run("UPDATE shop.changed SET name = 'x'");
        assertThat(scene.written()).hasSize(1);
    }

    @Test
    void idsAndShardsAreThoseOfJava() throws SQLException {
        scene.capture("pair", "a,b");
        var random = new Random(SEED);
        var expected = new ArrayList<String>();
        var first = new ArrayList<String>();
        var second = new ArrayList<String>();
        for (int i = 0; i < PAIRS; i++) {
            first.add(text(random) + i);
            second.add(text(random));
            Aggregate aggregate = Aggregate.of("pair", first.get(i), second.get(i));
            expected.add(aggregate.shard(Schema.DEFAULT_SHARD_COUNT) + " | " + aggregate.id());
        }

        try (Connection connection = scene.connect();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO shop.pair SELECT * FROM unnest(?::text[], ?::text[])")) {
            insert.setArray(1, connection.createArrayOf("text", first.toArray()));
            insert.setArray(2, connection.createArrayOf("text", second.toArray()));
            insert.executeUpdate();
        }

        assertThat(scene.rows("SELECT shard, aggregate_id FROM dualwrite.outbox_entry ORDER BY sequence"))
                .as("seed %d", SEED)
                .isEqualTo(expected);
    }

    @Test
    void eachValueHasOneTextWhateverTheSessionIsSetTo() throws SQLException {
        scene.run("""
                CREATE TABLE shop.wide (
                    a smallint, b bigint, c numeric, d varchar(9), e char(9), f uuid, g date, h timestamp,
                    i timestamptz, j boolean, k shop.color, PRIMARY KEY (a, b, c, d, e, f, g, h, i, j, k));
                """);
        scene.capture("wide", "a,b,c,d,e,f,g,h,i,j,k");
        String[] settings = {
            "SELECT 1",
            "SET LOCAL datestyle = 'SQL, DMY'",
            "SET LOCAL datestyle = 'German'",
            "SET LOCAL timezone = 'America/New_York'",
            "SET LOCAL intervalstyle = 'sql_standard'",
            "SET LOCAL extra_float_digits = -15",
            "SET LOCAL bytea_output = 'escape'",
            "SET LOCAL standard_conforming_strings = off",
            "SET LOCAL search_path = shop",
            "CREATE FUNCTION shop.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea';"
                    + " SET LOCAL search_path = shop, pg_catalog",
        };
        for (String setting : settings) {
            // In one transaction: the driver would refuse to go on if it were told of another style.
            scene.run("BEGIN; " + setting + """
                    ; INSERT INTO shop.wide
                    VALUES (-1, 9007199254740993, 1.500, 'x', 'y', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', date '2026-01-31',
                            timestamp '2026-01-31 23:59:59.5', timestamptz '2026-01-31 23:59:59.5+05', true, 'red');
                    DELETE FROM shop.wide;
                    COMMIT;
                    """);
        }

        assertThat(scene.rows("SELECT DISTINCT aggregate_id FROM dualwrite.outbox_entry"))
                .containsExactly("-1|9007199254740993|1.5|x|y|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|2026-01-31"
                        + "|2026-01-31 23:59:59.5|2026-01-31 18:59:59.5+00|true|red");
        assertThat(scene.rows("SELECT count(*) FROM dualwrite.outbox_entry")).containsExactly("20");
    }

    @Test
    void valuesAtTheEndsOfTheirTypesHaveATextToo() throws SQLException {
        scene.run("CREATE TABLE shop.far (a numeric, b date, c timestamptz, d shop.color, PRIMARY KEY (a, b, c, d))");
        scene.capture("far", "a,b,c,d");

        scene.run("INSERT INTO shop.far VALUES ('NaN', 'infinity', '-infinity', 'gr|een\\'),"
                + " ('100.0', '0044-03-15 BC', '0044-03-15 00:00:00+00 BC', 'red')");

        assertThat(scene.written())
                .containsExactly(
                        "far:NaN|infinity|-infinity|gr\\|een\\\\",
                        "far:100|0044-03-15 BC|0044-03-15 00:00:00+00 BC|red");
    }

    @Test
    void captureByASessionOfOldStringSyntaxIsTheSame() throws SQLException {
        scene.run("""
                BEGIN;
                SET LOCAL standard_conforming_strings = off;
                SELECT dualwrite.capture_table('shop.pair', 'copy', 'a''b', '{a,b}', 'record');
                COMMIT;
                """);

        scene.run("INSERT INTO shop.pair VALUES ('a|b\\', 'ü')", "TRUNCATE shop.pair");

        assertThat(scene.written()).containsExactly("a'b:a\\|b\\\\|ü", "a'b:a\\|b\\\\|ü");
        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run("INSERT INTO shop.pair VALUES ('good', chr(1))"))
                .withMessageContaining("key (b) has the control character U+0001");
    }

    @Test
    void equalNumbersAreOneAggregate() throws SQLException {
        scene.run("CREATE TABLE shop.price (price numeric PRIMARY KEY)", "INSERT INTO shop.price VALUES (1.0)");
        scene.capture("price", "price");

        scene.run("UPDATE shop.price SET price = 1.000");

        assertThat(scene.written()).containsExactly("price:1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            E'a\\tb'            | key (word) has the control character U+0009, expected none
            chr(133)            | key (word) has the control character U+0085, expected none
            ''''''              | key (word) is empty, expected 1 to 1000 characters
            repeat('x', 1001)   | key (word) has 1001 characters, expected 1 to 1000
            repeat('😀', 501)   | key (word) has 1002 characters, expected 1 to 1000
            """)
    void valueThatIsNoIdFailsTheTransactionByTableColumnAndReason(String value, String reason) throws SQLException {
        scene.capture("word", "word");
        String given = value.equals("''''''") ? "''" : value;

        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run("INSERT INTO shop.word VALUES ('good'), (%s)".formatted(given)))
                .satisfies(e -> assertThat(e.getSQLState()).isEqualTo(REFUSED))
                .withMessageContaining("table shop.word: " + reason)
                .withMessageContaining("The change could not be captured, so it is refused");

        assertThat(scene.rows("SELECT FROM shop.word")).isEmpty();
        assertThat(scene.written()).isEmpty();
    }

    @Test
    void partAtFaultOfACompositeKeyIsNamed() throws SQLException {
        scene.capture("pair", "a,b");

        assertThatExceptionOfType(PSQLException.class)
                .isThrownBy(() -> scene.run("INSERT INTO shop.pair VALUES ('good', E'bad\\n')"))
                .withMessageContaining("table shop.pair: key (b) has the control character U+000A, expected none");
    }

    @Test
    void longestIdsAndEmptyPartsAreWritten() throws SQLException {
        scene.capture("pair", "a,b");

        scene.run("INSERT INTO shop.pair VALUES ('', ''), ('', repeat('x', 999)), (repeat('😀', 499), 'x')");

        List<String> written = scene.rows("SELECT aggregate_id FROM dualwrite.outbox_entry ORDER BY sequence");
        assertThat(written)
                .containsExactly("|", "|" + "x".repeat(999), "😀".repeat(499) + "|x")
                .allSatisfy(id -> assertThat(new Aggregate("pair", id).id()).isEqualTo(id));
    }

    /** Mostly what must be escaped; never a control character or half a surrogate pair. */
    private static String text(Random random) {
        String awkward = "|\\| \\:%'\"$ß😀\u00ad\u202e漢a1";
        var text = new StringBuilder();
        int length = random.nextInt(12);
        for (int i = 0; i < length; i++) {
            int codePoint = random.nextInt(0x110000);
            boolean fit = !Character.isISOControl(codePoint) && (codePoint < 0xD800 || codePoint > 0xDFFF);
            if (fit && random.nextInt(4) == 0) {
                text.appendCodePoint(codePoint);
            } else {
                int[] choices = awkward.codePoints().toArray();
                text.appendCodePoint(choices[random.nextInt(choices.length)]);
            }
        }
        return text.toString();
    }
}
